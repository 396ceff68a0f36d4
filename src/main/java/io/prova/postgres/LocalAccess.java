package io.prova.postgres;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What reading the data directory ourselves needs: that it is on this host, that it is the
/// server's, that we may read it, and that the role may begin and end a backup.
public final class LocalAccess {

  private LocalAccess() {}

  /// Why this process cannot read a cluster's data directory for a backup.
  ///
  /// @param here whether the server is on this host, so that something can be done about it
  /// @param grants what a superuser may execute to mend it, in the database of the connection
  public record Hindrance(
      Failure failure, boolean here, Message problem, Message hint, List<String> grants) {

    public OperationFailed asFailure() {
      return new OperationFailed(failure, problem, hint);
    }
  }

  /// Empty where nothing hinders.
  public static Optional<Hindrance> hindrance(ConnectionSettings connection, ClusterFacts facts)
      throws IOException {
    Endpoint endpoint = connection.endpoints().getFirst();
    if (!endpoint.isLocal()) {
      return Optional.of(
          new Hindrance(
              Failure.BACKUP_FAILED,
              false,
              message(
                  "the server is on {0}, and its files can only be read there", endpoint.host()),
              message("Run Prova on that host, or set physical.method: pg_basebackup."),
              List.of()));
    }
    if (facts.version().major() > ServerVersion.NEWEST_KNOWN_MAJOR) {
      return Optional.of(
          new Hindrance(
              Failure.BACKUP_FAILED,
              true,
              message(
                  "PostgreSQL {0} is newer than {1}, the newest whose files this version knows",
                  facts.version().toString(), ServerVersion.NEWEST_KNOWN_MAJOR),
              message("Install a newer version of Prova, or set physical.method: pg_basebackup."),
              List.of()));
    }
    Optional<Path> directory = facts.setting("data_directory").map(Path::of);
    if (directory.isEmpty()) {
      String grant = "GRANT pg_read_all_settings TO " + PgSession.identifier(facts.role().name());
      return Optional.of(
          new Hindrance(
              Failure.PRIVILEGE,
              true,
              message("role {0} may not see where the data directory is", facts.role().name()),
              message("As a superuser: {0};", grant),
              List.of(grant)));
    }
    return unreadable(directory.get(), facts).or(() -> lackingRights(connection, facts));
  }

  private static Optional<Hindrance> unreadable(Path directory, ClusterFacts facts)
      throws IOException {
    Path file = directory.resolve("global").resolve("pg_control");
    if (!mayLookInto(directory) || (Files.exists(file) && !Files.isReadable(file))) {
      return Optional.of(
          new Hindrance(
              Failure.PRIVILEGE,
              true,
              message(
                  "{0} may not read the data directory {1}", OsUser.current().name(), directory),
              message(
                  "Run Prova as the user that PostgreSQL runs as, or as root, or set physical.method: pg_basebackup."),
              List.of()));
    }
    Optional<SystemIdentifier> found =
        ControlFile.read(directory).map(ControlFile::systemIdentifier);
    if (!found.equals(Optional.of(facts.systemIdentifier()))) {
      // A container's server, or one behind a tunnel.
      return Optional.of(
          new Hindrance(
              Failure.BACKUP_FAILED,
              false,
              message(
                  "{0} on this host is not the server's data directory: its system identifier is {1}, the server's {2}",
                  directory,
                  found.map(SystemIdentifier::toString).orElse("-"),
                  facts.systemIdentifier().toString()),
              message("Run Prova on the server's host, or set physical.method: pg_basebackup."),
              List.of()));
    }
    return Optional.empty();
  }

  /// A directory that is not there is not ours to judge here.
  private static boolean mayLookInto(Path directory) {
    return !Files.isDirectory(directory)
        || (Files.isReadable(directory) && Files.isExecutable(directory));
  }

  private static Optional<Hindrance> lackingRights(
      ConnectionSettings connection, ClusterFacts facts) {
    List<String> lacking = new ArrayList<>();
    try (PgSession session = PgSession.connect(connection)) {
      for (String function : functions(facts.version())) {
        if (!session.yes("SELECT pg_catalog.has_function_privilege(?, 'EXECUTE')", function)) {
          lacking.add(grant(function, facts.role().name()));
        }
      }
    }
    if (lacking.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Hindrance(
            Failure.PRIVILEGE,
            true,
            message("role {0} may not begin and end a backup", facts.role().name()),
            message(
                "As a superuser, in database {0}: {1};",
                connection.database(), String.join("; ", lacking)),
            List.copyOf(lacking)));
  }

  /// Lets `role` begin and end backups; to be executed in the database that it connects to.
  public static List<String> grants(ServerVersion version, String role) {
    return functions(version).stream().map(function -> grant(function, role)).toList();
  }

  private static String grant(String function, String role) {
    return "GRANT EXECUTE ON FUNCTION " + function + " TO " + PgSession.identifier(role);
  }

  private static List<String> functions(ServerVersion version) {
    return version.major() >= 15
        ? List.of("pg_catalog.pg_backup_start(text, boolean)", "pg_catalog.pg_backup_stop(boolean)")
        : List.of(
            "pg_catalog.pg_start_backup(text, boolean, boolean)",
            "pg_catalog.pg_stop_backup(boolean, boolean)");
  }
}
