package io.prova.check;

import io.prova.postgres.ClusterFacts;
import io.prova.postgres.OsUser;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Writes the lines that mend something, so that a shell takes them as they stand: SQL too goes
/// through `psql`, as a superuser, by the way that lets one in without a password where there is
/// one.
final class Mending {

  private static final List<String> USUAL_SOCKETS = List.of("/var/run/postgresql", "/tmp");

  /// The server says first at which address it sees the client.
  private static final Pattern CLIENT = Pattern.compile("\"([0-9a-fA-F.:]+)\"");

  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");

  private final List<String> psql;
  private final boolean serverIsHere;

  private Mending(List<String> psql, boolean serverIsHere) {
    this.psql = psql;
    this.serverIsHere = serverIsHere;
  }

  /// @param admin how restores connect, which may be by a socket
  /// @param facts empty when the server could not be asked
  static Mending of(
      ConnectionSettings connection,
      Optional<ConnectionSettings> admin,
      Optional<ClusterFacts> facts,
      OsUser user)
      throws IOException {
    Endpoint endpoint = connection.endpoints().getFirst();
    String superuser = facts.map(ClusterFacts::bootstrapSuperuser).orElse("postgres");
    Optional<Endpoint> socket = socket(endpoint, admin, facts);
    List<String> words = new ArrayList<>();
    if (socket.isPresent()) {
      String owner =
          Files.readAttributes(socket.get().socketFile(), PosixFileAttributes.class)
              .owner()
              .getName();
      words.addAll(as(owner, user));
    }
    String host = socket.map(Endpoint::host).orElse(endpoint.host());
    words.addAll(List.of("psql", "-X", "-h", host, "-p", Integer.toString(endpoint.port())));
    words.addAll(List.of("-U", superuser));
    return new Mending(List.copyOf(words), socket.isPresent());
  }

  /// What `user` types before a command that `owner` is to run.
  static List<String> as(String owner, OsUser user) {
    if (owner.equals(user.name())) {
      return List.of();
    }
    return user.isRoot() ? List.of("runuser", "-u", owner, "--") : List.of("sudo", "-u", owner);
  }

  private static Optional<Endpoint> socket(
      Endpoint endpoint, Optional<ConnectionSettings> admin, Optional<ClusterFacts> facts) {
    if (!endpoint.isLocal()) {
      return Optional.empty();
    }
    Stream<String> told =
        facts
            .flatMap(each -> each.setting("unix_socket_directories"))
            .map(directories -> Arrays.stream(directories.split("\\s*,\\s*")))
            .orElse(USUAL_SOCKETS.stream());
    Stream<String> configured =
        Stream.concat(
                Stream.of(endpoint), admin.stream().flatMap(each -> each.endpoints().stream()))
            .filter(Endpoint::isUnixSocket)
            .map(Endpoint::host);
    return Stream.concat(configured, told)
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> new Endpoint(directory, endpoint.port()))
        .filter(each -> Files.exists(each.socketFile()))
        .findFirst();
  }

  /// For what holds for the whole cluster.
  String sql(String... statements) {
    return sqlIn("postgres", statements);
  }

  String sqlIn(String database, String... statements) {
    List<String> words = new ArrayList<>(psql);
    words.addAll(List.of("-d", database));
    for (String statement : statements) {
      words.addAll(List.of("-c", statement));
    }
    return line(words);
  }

  String role(String clause, ConnectionSettings connection) {
    return sql("ALTER ROLE " + PgSession.identifier(connection.user()) + " " + clause);
  }

  /// Lets the role in where the server has just refused it. At the top of the file, since the first
  /// line that fits decides.
  ///
  /// @param database `all` or `replication`
  /// @param refusal what the server said
  List<String> allow(ConnectionSettings connection, String database, String refusal) {
    Matcher client = CLIENT.matcher(refusal);
    List<String> lines =
        client.find()
            ? List.of(HbaLine.host(connection, database, client.group(1)))
            : HbaLine.of(connection, database);
    if (!serverIsHere) {
      return lines;
    }
    List<String> words = new ArrayList<>(List.of("sed", "-i"));
    lines.forEach(each -> words.addAll(List.of("-e", "1i " + each)));
    List<String> asking = new ArrayList<>(psql);
    asking.addAll(List.of("-d", "postgres", "-At", "-c", "SHOW hba_file"));
    return List.of(line(words) + " \"$(" + line(asking) + ")\"", sql("SELECT pg_reload_conf()"));
  }

  /// Whether the server is on this machine, as far as can be seen.
  boolean serverIsHere() {
    return serverIsHere;
  }

  /// `words` as one would type them.
  static String line(List<String> words) {
    return words.stream()
        .map(word ->
            NEEDS_NO_QUOTES.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }
}
