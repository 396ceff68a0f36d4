package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.fingerprint.Fingerprint;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Decides what a logical restore does, and refuses what cannot end well before anything is
/// written.
public final class LogicalRestorePlanner {

  private LogicalRestorePlanner() {}

  /// @param database its name at backup time
  /// @param into the name to restore it under
  /// @param replace whether an existing database of that name may be replaced (it is kept under
  ///   another name)
  public record Request(
      BackupSource source,
      String database,
      String into,
      boolean replace,
      int jobs,
      boolean validate) {}

  public static LogicalRestorePlan plan(
      RestoreContext context, Request request, ConnectionSettings admin) throws IOException {
    Backup backup = request.source().backup();
    DumpedDatabase database =
        backup
            .database(request.database())
            .orElseThrow(() ->
                new OperationFailed(
                    Failure.NOT_FOUND,
                    message(
                        "backup {0} holds no database \"{1}\"",
                        backup.label().toString(), request.database()),
                    message(
                        "It holds: {0}.",
                        backup.logical().orElseThrow().databases().stream()
                            .map(DumpedDatabase::name)
                            .toList())));
    ConnectionSettings server = DatabaseSwap.awayFrom(admin, request.into());
    ClusterFacts facts;
    try (PgSession session = PgSession.connect(server)) {
      facts = ClusterFacts.probe(session);
      requireVersion(backup, facts);
      requireRights(facts);
      requireExtensions(session, request.source().fingerprint(request.database()));
    }
    boolean exists =
        facts.databases().stream().anyMatch(each -> each.name().equals(request.into()));
    if (exists && !request.replace()) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message("database \"{0}\" exists already on {1}", request.into(), server.toString()),
          message(
              "Restore under another name with --into, or replace it with --replace: then the old one is kept as {0}.",
              DatabaseSwap.keptName(request.into(), backup.label().text())));
    }
    LogicalLoad load = new LogicalLoad(context, request.source(), server, Optional.empty());
    warnOfTablespaces(context, load.globals(), facts);
    return new LogicalRestorePlan(
        backup,
        database,
        DatabaseSwap.plan(server, facts, request.into(), backup.label().text()),
        load.missingRoles(),
        request.jobs(),
        request.validate());
  }

  private static void requireVersion(Backup backup, ClusterFacts facts) {
    if (facts.version().major() < backup.server().version().major()) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message(
              "the backup is of PostgreSQL {0}, the server is PostgreSQL {1}: a dump does not go into an older major",
              backup.server().version().toString(), facts.version().toString()),
          message(
              "Restore into a server of major {0} or newer.", backup.server().version().major()));
    }
  }

  private static void requireRights(ClusterFacts facts) {
    if (!facts.role().superuser() && !facts.role().createsDatabases()) {
      throw new OperationFailed(
          Failure.PRIVILEGE,
          message("role {0} may not create databases", facts.role().name()),
          message("Restoring needs a superuser: set `admin_connection` in prova.yaml."));
    }
  }

  private static void requireExtensions(PgSession session, Optional<Fingerprint> fingerprint) {
    if (fingerprint.isEmpty()) {
      return;
    }
    Set<String> needed =
        fingerprint.get().extensions().stream()
            .map(Fingerprint.Extension::name)
            .collect(Collectors.toCollection(TreeSet::new));
    session.query(
        "SELECT name FROM pg_catalog.pg_available_extensions",
        row -> needed.remove(row.getString(1)));
    if (!needed.isEmpty()) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message("the server lacks extensions that the database needs: {0}", needed),
          message(
              "Install their packages on the server (Debian: postgresql-contrib for those of PostgreSQL itself)."));
    }
  }

  /// The database may not use them, so it is no reason to refuse.
  private static void warnOfTablespaces(
      RestoreContext context, GlobalsScript globals, ClusterFacts facts) {
    Set<String> lacking = new TreeSet<>(globals.tablespaces());
    facts.tablespaces().forEach(each -> lacking.remove(each.name()));
    for (String name : lacking) {
      context
          .events()
          .accept(
              new Event.Warned(
                  message(
                      "the server lacks tablespace {0}, which was created by: {1};",
                      name, globals.createTablespace(name).orElse("-"))));
    }
  }
}
