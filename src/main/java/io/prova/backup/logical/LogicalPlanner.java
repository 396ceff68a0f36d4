package io.prova.backup.logical;

import static io.prova.base.Message.message;

import io.prova.backup.BackupContext;
import io.prova.backup.FreeSpace;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.ServerVersion;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.fingerprint.FingerprintBudget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides what a logical backup does, and refuses what cannot end well before anything is written.
public final class LogicalPlanner {

  private LogicalPlanner() {}

  public static LogicalPlan plan(
      BackupContext context, LogicalOptions options, Optional<FingerprintBudget> fingerprint)
      throws IOException, InterruptedException {
    ClusterFacts facts;
    try (PgSession session = PgSession.connect(context.connection())) {
      facts = ClusterFacts.probe(session);
    }
    context.repository().requireSystem(facts.systemIdentifier());
    Tool pgDump = context.tools().forServer("pg_dump", facts.version().major());
    Tool pgDumpall = context.tools().forServer("pg_dumpall", facts.version().major());

    List<Message> warnings = new ArrayList<>();
    List<ClusterFacts.Database> databases = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    for (ClusterFacts.Database database : facts.databases()) {
      if (database.isInitial()) {
        continue;
      }
      boolean chosen = options.takes(database.name());
      if (chosen && database.allowsConnections()) {
        databases.add(database);
      } else {
        leftOut.add(database.name());
        if (chosen) {
          warnings.add(
              message(
                  "database {0} allows no connections, so it is not in this backup",
                  database.name()));
        }
      }
    }
    if (databases.isEmpty()) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "no database is chosen: include is {0}, exclude is {1}",
              options.include(), options.exclude()),
          message(
              "The server has: {0}.",
              facts.databases().stream().map(ClusterFacts.Database::name).toList()));
    }
    if (!facts.role().superuser()) {
      warnings.add(
          message(
              "role {0} is no superuser, so the roles' passwords are not in this backup",
              facts.role().name()));
    }
    warnAboutMinor(pgDump.version(), warnings);
    Optional<Listing.Entry> previous =
        context.repository().catalog().list().newestTrusted(BackupKind.LOGICAL);
    FreeSpace.require(context.repository().root(), previous);
    return new LogicalPlan(
        facts,
        List.copyOf(databases),
        List.copyOf(leftOut),
        pgDump,
        pgDumpall,
        options,
        jobs(options, facts, pgDump, warnings),
        fingerprint,
        previous,
        List.copyOf(warnings));
  }

  /// A parallel dump of a standby by a client with the known fault may damage both the dump and the
  /// standby.
  private static int jobs(
      LogicalOptions options, ClusterFacts facts, Tool pgDump, List<Message> warnings) {
    if (options.jobs() > 1 && facts.inRecovery() && pgDump.version().isBelowSafeMinor()) {
      warnings.add(
          message(
              "pg_dump {0} must not dump a standby in parallel; one job is used",
              pgDump.version().toString()));
      return 1;
    }
    return options.jobs();
  }

  private static void warnAboutMinor(ServerVersion version, List<Message> warnings) {
    version
        .safeMinor()
        .filter(safe -> version.isBelowSafeMinor())
        .ifPresent(safe ->
            warnings.add(
                message(
                    "pg_dump is {0}; {1} mends known faults of it",
                    version.toString(), safe.toString())));
  }
}
