package io.prova.postgres.connection;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One connection to a server, for SQL. Not safe for several threads.
public final class PgSession implements AutoCloseable {

  /// Reads one row.
  @FunctionalInterface
  public interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private final Connection connection;

  private PgSession(Connection connection) {
    this.connection = connection;
  }

  /// @throws OperationFailed (CONNECTION) saying what to do about the refusal
  public static PgSession connect(ConnectionSettings settings) {
    try {
      return tryConnect(settings);
    } catch (SQLException e) {
      throw ConnectionTrouble.explain(settings, e);
    }
  }

  /// Whether a server answers at all: it accepts us, or refuses us by name.
  public static boolean answers(ConnectionSettings settings) {
    try (PgSession session = tryConnect(settings)) {
      return session.isOpen();
    } catch (SQLException e) {
      String state = Objects.requireNonNullElse(e.getSQLState(), "");
      return !state.startsWith("08") && !state.startsWith("57P");
    }
  }

  /// Whether a server answered and does not let this role in: no waiting will change that.
  public static boolean isRefusal(OperationFailed failed) {
    return failed.getCause() instanceof SQLException e
        && Objects.requireNonNullElse(e.getSQLState(), "").startsWith("28");
  }

  private static PgSession tryConnect(ConnectionSettings settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    // Never absent: the driver would then look for a password file by itself.
    properties.setProperty(
        "password", settings.password().map(secret -> secret.reveal()).orElse(""));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("prepareThreshold", "0");
    settings.parameters().forEach((keyword, value) -> setProperty(properties, keyword, value));
    Endpoint first = settings.endpoints().getFirst();
    if (first.isUnixSocket()) {
      properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
      properties.setProperty("socketFactoryArg", first.socketFile().toString());
      properties.setProperty("sslmode", "disable");
      properties.setProperty("gssEncMode", "disable");
    }
    String hosts =
        first.isUnixSocket()
            ? "localhost:" + first.port()
            : settings.endpoints().stream()
                .map(Endpoint::toString)
                .collect(Collectors.joining(","));
    properties.setProperty("PGDBNAME", settings.database());
    Connection connection =
        new org.postgresql.Driver().connect("jdbc:postgresql://" + hosts + "/", properties);
    if (connection == null) {
      throw new IllegalStateException("the driver does not know its own URL");
    }
    return new PgSession(connection);
  }

  private static void setProperty(Properties properties, String keyword, String value) {
    Optional<String> property = Parameter.ofKeyword(keyword).flatMap(Parameter::property);
    if (property.isEmpty()) {
      return;
    }
    String translated =
        property.get().equals("targetServerType")
            ? Map.of(
                    "read-write",
                    "primary",
                    "read-only",
                    "secondary",
                    "standby",
                    "secondary",
                    "prefer-standby",
                    "preferSecondary")
                .getOrDefault(value, value)
            : value;
    properties.setProperty(property.get(), translated);
  }

  public boolean isOpen() throws SQLException {
    return connection.isValid(5);
  }

  /// The driver's connection, for what only the driver can do.
  public Connection connection() {
    return connection;
  }

  public <T> List<T> query(String sql, RowReader<T> reader, Object... values) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.setFetchSize(1000);
      List<T> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(reader.read(result));
        }
      }
      return rows;
    } catch (SQLException e) {
      throw new SqlFailed(e);
    }
  }

  /// The only row of a query that has exactly one.
  public <T> T one(String sql, RowReader<T> reader, Object... values) {
    List<T> rows = query(sql, reader, values);
    if (rows.size() != 1) {
      throw new IllegalStateException("expected one row, found " + rows.size() + ": " + sql);
    }
    return rows.getFirst();
  }

  /// The first column of a query's only row, as text; null for SQL's NULL.
  public @Nullable String text(String sql, Object... values) {
    List<@Nullable String> rows = new ArrayList<>();
    query(sql, row -> rows.add(row.getString(1)), values);
    if (rows.size() != 1) {
      throw new IllegalStateException("expected one row, found " + rows.size() + ": " + sql);
    }
    return rows.getFirst();
  }

  /// Like [#text], for what cannot be NULL.
  public String requiredText(String sql, Object... values) {
    return Objects.requireNonNull(text(sql, values), sql);
  }

  public long number(String sql, Object... values) {
    return one(sql, row -> row.getLong(1), values);
  }

  public boolean yes(String sql, Object... values) {
    return one(sql, row -> row.getBoolean(1), values);
  }

  public void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new SqlFailed(e);
    }
  }

  /// `name` as an SQL identifier.
  public static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /// `text` as an SQL string constant.
  public static String literal(String text) {
    String quoted = "'" + text.replace("'", "''") + "'";
    return text.contains("\\") ? " E" + quoted.replace("\\", "\\\\") : quoted;
  }

  /// Ends the connection from another thread, whatever it is doing.
  public void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // it has ended by itself
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // The server has given up this connection already; there is nothing left to release.
    }
  }

  /// Turns a refused connection into a sentence and the next thing to type.
  private static final class ConnectionTrouble {

    static OperationFailed explain(ConnectionSettings settings, SQLException e) {
      String state = Objects.requireNonNullElse(e.getSQLState(), "");
      String said = Objects.requireNonNullElse(e.getMessage(), "").strip();
      Message problem = message("cannot connect as {0}: {1}", settings.toString(), reason(e, said));
      return new OperationFailed(Failure.CONNECTION, problem, hint(settings, state, said), e);
    }

    /// The driver's own words for a server that it does not reach say less than their cause.
    private static Message reason(SQLException e, String said) {
      return switch (e.getCause()) {
        case UnknownHostException _ -> message("the host's name is not known");
        case SocketTimeoutException _ -> message("no answer in time");
        case ConnectException _ -> message("nothing listens there");
        case SocketException refused
            when String.valueOf(refused.getMessage()).contains("No such file") ->
            message("nothing listens there");
        case IOException io -> Problems.of(io);
        case null, default -> message("{0}", said);
      };
    }

    private static Message hint(ConnectionSettings settings, String state, String said) {
      Endpoint endpoint = settings.endpoints().getFirst();
      if (said.contains("Peer authentication") || said.contains("peer authentication")) {
        return message(
            "The server accepts role \"{0}\" on its socket only from the operating-system user of the same name: run `runuser -u {0} -- prova …`, or connect by `host: localhost` with a password.",
            settings.user());
      }
      if (state.equals("28000") && said.endsWith("does not exist")) {
        return message(
            "Connect as a role that exists, usually postgres: `runuser -u postgres -- prova …`, or by `postgresql://postgres@localhost` with a password in $PGPASSWORD.");
      }
      if (state.equals("28P01") || said.contains("password")) {
        return message(
            "Set the password in $PGPASSWORD, in ~/.pgpass (mode 0600) or as `password_file` in prova.yaml; check it with `psql`.");
      }
      if (state.equals("28000") && said.contains("does not exist")) {
        return message(
            "`prova init --apply` makes role \"{0}\" with only the rights that backups need; or name another as `user` of `connection`.",
            settings.user());
      }
      if (state.equals("28000")) {
        return message(
            "Add a line for role \"{0}\" to pg_hba.conf and reload the server; `prova check` shows how.",
            settings.user());
      }
      if (state.equals("3D000")) {
        return message("Name an existing database in `connection`, usually \"postgres\".");
      }
      if (state.equals("57P03")) {
        return message("The server is starting up or recovering; try again in a while.");
      }
      if (state.equals("53300")) {
        return message(
            "All connection slots are taken; raise max_connections or end idle sessions.");
      }
      return message(
          "Is the server running, and does it listen at {0}? On Debian `pg_lsclusters` shows servers and their ports. Say in prova.yaml how to reach it (`connection`: host, port, user); to init by --connection.",
          endpoint.toString());
    }
  }
}
