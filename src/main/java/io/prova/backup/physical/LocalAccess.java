package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.backup.BackupContext;
import io.prova.backup.ConfigFiles;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.ControlFile;
import io.prova.postgres.OsUser;
import io.prova.postgres.SystemIdentifier;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What reading the data directory ourselves needs: that it is on this host, that it is the
/// server's, that we may read it, and that the role may begin and end a backup.
final class LocalAccess {

  private LocalAccess() {}

  /// @throws OperationFailed saying what is missing, and what mends it
  static void require(BackupContext context, ClusterFacts facts) throws IOException {
    Endpoint endpoint = context.connection().endpoints().getFirst();
    if (!ConfigFiles.isLocal(endpoint)) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "physical.method local reads the data directory itself, and the server is on {0}",
              endpoint.host()),
          message("Run Prova on that host, or set physical.method: pg_basebackup."));
    }
    Path directory =
        facts
            .setting("data_directory")
            .map(Path::of)
            .orElseThrow(() ->
                new OperationFailed(
                    Failure.PRIVILEGE,
                    message(
                        "role {0} may not see where the data directory is", facts.role().name()),
                    message(
                        "As a superuser: GRANT pg_read_all_settings TO {0};",
                        PgSession.identifier(facts.role().name()))));
    requireReadable(directory);
    Optional<SystemIdentifier> found =
        ControlFile.read(directory).map(ControlFile::systemIdentifier);
    if (!found.equals(Optional.of(facts.systemIdentifier()))) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "{0} on this host is not the server's data directory: its system identifier is {1}, the server's {2}",
              directory,
              found.map(SystemIdentifier::toString).orElse("-"),
              facts.systemIdentifier().toString()),
          message("Run Prova on the server's host, or set physical.method: pg_basebackup."));
    }
    requireFunctions(context, facts);
  }

  private static void requireReadable(Path directory) throws IOException {
    Path file = directory.resolve("global").resolve("pg_control");
    if (!Files.isReadable(file)) {
      throw new OperationFailed(
          Failure.PRIVILEGE,
          message("{0} may not read the data directory {1}", OsUser.current().name(), directory),
          message(
              "Run Prova as the user that PostgreSQL runs as, or as root, or set physical.method: pg_basebackup."));
    }
  }

  private static void requireFunctions(BackupContext context, ClusterFacts facts) {
    boolean renamed = facts.version().major() >= 15;
    String start =
        renamed ? "pg_backup_start(text, boolean)" : "pg_start_backup(text, boolean, boolean)";
    String stop = renamed ? "pg_backup_stop(boolean)" : "pg_stop_backup(boolean, boolean)";
    try (PgSession session = PgSession.connect(context.connection())) {
      for (String function : new String[] {start, stop}) {
        if (!session.yes(
            "SELECT pg_catalog.has_function_privilege(?, 'EXECUTE')", "pg_catalog." + function)) {
          throw new OperationFailed(
              Failure.PRIVILEGE,
              message("role {0} may not call {1}", facts.role().name(), function),
              message(
                  "As a superuser, in database {0}: GRANT EXECUTE ON FUNCTION pg_catalog.{1} TO {2};",
                  context.connection().database(),
                  function,
                  PgSession.identifier(facts.role().name())));
        }
      }
    }
  }
}
