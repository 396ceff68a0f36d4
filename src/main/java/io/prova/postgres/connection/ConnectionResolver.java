package io.prova.postgres.connection;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Secret;
import io.prova.base.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds out how to connect, with libpq's precedence: what the configuration says, then the service
/// file, then `PG*` variables, then libpq's defaults; a password file only where no password was
/// given at all.
///
/// One difference to libpq, on purpose: a password that is given and empty stays empty. libpq would
/// go on to the password file of whoever runs the program, and so use somebody else's password.
public final class ConnectionResolver {

  private static final List<Path> SOCKET_DIRECTORIES =
      List.of(Path.of("/var/run/postgresql"), Path.of("/tmp"));
  private static final List<Path> SYSTEM_SERVICE_FILES =
      List.of(
          Path.of("/etc/postgresql-common/pg_service.conf"),
          Path.of("/etc/sysconfig/pgsql/pg_service.conf"));
  private static final int DEFAULT_PORT = 5432;
  private static final String PASSWORD_FILE = "password_file";

  private final Map<String, String> environment;
  private final Path home;
  private final String osUser;

  /// @param home the home directory of the user who runs Prova, for `.pgpass` and
  ///   `.pg_service.conf`
  public ConnectionResolver(Map<String, String> environment, Path home, String osUser) {
    this.environment = environment;
    this.home = home;
    this.osUser = osUser;
  }

  private record Value(String text, String origin) {}

  /// @param given keywords from the configuration, `password_file` among them
  /// @param origin where `given` stands, for `prova config show` and messages
  /// @throws OperationFailed for an unknown keyword, a service or secret file that is not there
  public ConnectionSettings resolve(Map<String, String> given, String origin) {
    EnumMap<Parameter, Value> values = new EnumMap<>(Parameter.class);
    given.forEach((keyword, text) -> take(values, keyword, text, origin));
    addPasswordFile(values, given.get(PASSWORD_FILE));
    addService(values);
    for (Parameter parameter : Parameter.values()) {
      String text = environment.get(parameter.variable());
      if (text != null && (!text.isEmpty() || parameter == Parameter.PASSWORD)) {
        values.putIfAbsent(parameter, new Value(text, "$" + parameter.variable()));
      }
    }
    return assemble(values);
  }

  private static void take(
      EnumMap<Parameter, Value> values, String keyword, String text, String origin) {
    if (keyword.equals(PASSWORD_FILE)) {
      return;
    }
    Parameter parameter = Parameter.ofKeyword(keyword).orElseThrow(() -> unknown(keyword, origin));
    values.put(parameter, new Value(text, origin));
  }

  private static OperationFailed unknown(String keyword, String origin) {
    Optional<String> meant = Text.nearest(keyword, Parameter.keywords());
    return new OperationFailed(
        Failure.CONFIG,
        message("{0}: \"{1}\" is not a connection parameter", origin, keyword),
        meant.isPresent()
            ? message("Did you mean \"{0}\"?", meant.get())
            : message("The parameters are libpq's: {0}.", Parameter.keywords()));
  }

  private static void addPasswordFile(EnumMap<Parameter, Value> values, @Nullable String name) {
    if (name == null) {
      return;
    }
    try {
      values.put(
          Parameter.PASSWORD, new Value(Files.readString(Path.of(name)).stripTrailing(), name));
    } catch (IOException e) {
      throw new OperationFailed(
          Failure.CONFIG,
          message("the password file {0} cannot be read", name),
          message("Create it with mode 0600, holding nothing but the password."),
          e);
    }
  }

  private void addService(EnumMap<Parameter, Value> values) {
    Value service = values.get(Parameter.SERVICE);
    String name = service != null ? service.text : environment.get(Parameter.SERVICE.variable());
    if (name == null || name.isEmpty()) {
      return;
    }
    List<Path> files = new ArrayList<>();
    String own = environment.get("PGSERVICEFILE");
    files.add(own != null ? Path.of(own) : home.resolve(".pg_service.conf"));
    String directory = environment.get("PGSYSCONFDIR");
    if (directory != null) {
      files.add(Path.of(directory, "pg_service.conf"));
    } else {
      files.addAll(SYSTEM_SERVICE_FILES);
    }
    for (Path file : files) {
      Optional<Map<String, String>> found;
      try {
        found = ServiceFile.find(file, name);
      } catch (IOException e) {
        throw new OperationFailed(
            Failure.CONFIG, message("the service file {0} cannot be read", file), null, e);
      }
      if (found.isPresent()) {
        found
            .get()
            .forEach((keyword, text) -> addAbsent(values, keyword, text, file + " [" + name + "]"));
        return;
      }
    }
    throw new OperationFailed(
        Failure.CONFIG,
        message("the connection service \"{0}\" is in none of {1}", name, files),
        message("Add a section [{0}] to one of these files, or correct the service's name.", name));
  }

  private static void addAbsent(
      EnumMap<Parameter, Value> values, String keyword, String text, String origin) {
    Parameter parameter = Parameter.ofKeyword(keyword).orElseThrow(() -> unknown(keyword, origin));
    values.putIfAbsent(parameter, new Value(text, origin));
  }

  private ConnectionSettings assemble(EnumMap<Parameter, Value> values) {
    Map<String, String> origins = new LinkedHashMap<>();
    values.forEach((parameter, value) -> origins.put(parameter.keyword(), value.origin));

    String user = textOf(values, Parameter.USER).orElse(osUser);
    String database = textOf(values, Parameter.DBNAME).orElse(user);
    List<Endpoint> endpoints = endpoints(values);
    Optional<Secret> password =
        Optional.ofNullable(values.get(Parameter.PASSWORD)).map(value -> new Secret(value.text));
    if (password.isEmpty()) {
      password = fromPassFile(values, endpoints.getFirst(), database, user, origins);
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put(Parameter.APPLICATION_NAME.keyword(), "prova");
    parameters.put(Parameter.CONNECT_TIMEOUT.keyword(), "15");
    values.forEach((parameter, value) -> parameters.put(parameter.keyword(), value.text));
    for (Parameter own :
        List.of(
            Parameter.HOST,
            Parameter.HOSTADDR,
            Parameter.PORT,
            Parameter.DBNAME,
            Parameter.USER,
            Parameter.PASSWORD,
            Parameter.PASSFILE,
            Parameter.SERVICE)) {
      parameters.remove(own.keyword());
    }
    return new ConnectionSettings(endpoints, user, database, password, parameters, origins);
  }

  private static Optional<String> textOf(EnumMap<Parameter, Value> values, Parameter parameter) {
    return Optional.ofNullable(values.get(parameter))
        .map(Value::text)
        .filter(text -> !text.isEmpty());
  }

  private static List<Endpoint> endpoints(EnumMap<Parameter, Value> values) {
    String[] hosts =
        textOf(values, Parameter.HOSTADDR)
            .or(() -> textOf(values, Parameter.HOST))
            .orElse(defaultHost())
            .split(",", -1);
    String[] ports = textOf(values, Parameter.PORT).orElse("").split(",", -1);
    if (ports.length != 1 && ports.length != hosts.length) {
      throw new OperationFailed(
          Failure.CONFIG,
          message("the connection names {0} hosts and {1} ports", hosts.length, ports.length),
          message("Give one port for all hosts, or one for each."));
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < hosts.length; i++) {
      String port = ports[ports.length == 1 ? 0 : i];
      endpoints.add(new Endpoint(hosts[i].isEmpty() ? defaultHost() : hosts[i], parsePort(port)));
    }
    return endpoints;
  }

  private static int parsePort(String text) {
    try {
      int port = text.isEmpty() ? DEFAULT_PORT : Integer.parseInt(text.strip());
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // told below, like a number out of range
    }
    throw new OperationFailed(
        Failure.CONFIG,
        message("\"{0}\" is not a port", text),
        message("A port is a number from 1 to 65535; PostgreSQL's usual one is 5432."));
  }

  private static String defaultHost() {
    return SOCKET_DIRECTORIES.stream()
        .filter(Files::isDirectory)
        .map(Path::toString)
        .findFirst()
        .orElse("localhost");
  }

  private Optional<Secret> fromPassFile(
      EnumMap<Parameter, Value> values,
      Endpoint endpoint,
      String database,
      String user,
      Map<String, String> origins) {
    Path file = textOf(values, Parameter.PASSFILE).map(Path::of).orElse(home.resolve(".pgpass"));
    boolean defaultSocket = SOCKET_DIRECTORIES.contains(Path.of(endpoint.host()));
    String host = endpoint.isUnixSocket() && defaultSocket ? "localhost" : endpoint.host();
    try {
      Optional<Secret> found = PassFile.find(file, host, endpoint.port(), database, user);
      if (found.isPresent()) {
        origins.put(Parameter.PASSWORD.keyword(), file.toString());
      }
      return found;
    } catch (IOException e) {
      throw new OperationFailed(
          Failure.CONFIG, message("the password file {0} cannot be read", file), null, e);
    }
  }
}
