package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.backup.BackupContext;
import io.prova.backup.FreeSpace;
import io.prova.backup.physical.PhysicalPlan.BaseBackup;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.PhysicalMethod;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.LocalAccess;
import io.prova.postgres.ServerVersion;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.fingerprint.FingerprintBudget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides what a physical backup does, and refuses what cannot end well before anything is
/// written.
public final class PhysicalPlanner {

  /// pg_basebackup needs two connections: one for the files, one for WAL.
  private static final int NEEDED_WAL_SENDERS = 2;

  private PhysicalPlanner() {}

  public static PhysicalPlan plan(
      BackupContext context, PhysicalOptions options, Optional<FingerprintBudget> fingerprint)
      throws IOException, InterruptedException {
    ClusterFacts facts;
    try (PgSession session = PgSession.connect(context.connection())) {
      facts = ClusterFacts.probe(session);
    }
    context.repository().requireSystem(facts.systemIdentifier());
    requireReplication(facts);
    int major = facts.version().major();
    Optional<LocalAccess.Hindrance> hindrance =
        options.method() == PhysicalMethod.PG_BASEBACKUP
            ? Optional.empty()
            : LocalAccess.hindrance(context.connection(), facts);
    Optional<BaseBackup> baseBackup = Optional.empty();
    if (hindrance.isPresent() && options.method() == PhysicalMethod.LOCAL) {
      throw hindrance.get().asFailure();
    }
    if (hindrance.isPresent() || options.method() == PhysicalMethod.PG_BASEBACKUP) {
      requireWalSenders(facts);
      baseBackup =
          Optional.of(
              new BaseBackup(
                  context.tools().forServer("pg_basebackup", major),
                  context.tools().forServer("pg_verifybackup", major),
                  hindrance.map(LocalAccess.Hindrance::problem)));
    }
    Optional<Tool> pgWaldump =
        context.tools().all("pg_waldump").stream()
            .filter(tool -> tool.version().major() == major)
            .findFirst();

    List<Message> warnings = new ArrayList<>();
    if (pgWaldump.isEmpty() && fingerprint.isPresent()) {
      warnings.add(
          message(
              "pg_waldump {0} is not installed, so no drill can compare this backup's data exactly",
              major));
    }
    baseBackup
        .map(tools -> tools.pgBasebackup().version())
        .filter(ServerVersion::isBelowSafeMinor)
        .ifPresent(version ->
            version
                .safeMinor()
                .ifPresent(safe ->
                    warnings.add(
                        message(
                            "pg_basebackup is {0}; {1} mends known faults of it",
                            version.toString(), safe.toString()))));
    if (!facts.dataChecksums()) {
      warnings.add(
          message(
              "data checksums are off, so damage on the server's disk goes unnoticed into the backup"));
    }
    Optional<Listing.Entry> previous =
        context.repository().catalog().list().newestTrusted(BackupKind.PHYSICAL);
    if (previous.isEmpty()) {
      FreeSpace.requireForFirst(context.repository().root(), facts);
    }
    FreeSpace.require(context.repository().root(), previous);
    return new PhysicalPlan(
        facts, baseBackup, pgWaldump, options, fingerprint, previous, List.copyOf(warnings));
  }

  private static void requireReplication(ClusterFacts facts) {
    if (!facts.role().replication()) {
      throw new OperationFailed(
          Failure.PRIVILEGE,
          message(
              "role {0} may not take physical backups: it lacks REPLICATION", facts.role().name()),
          message(
              "As a superuser: ALTER ROLE {0} REPLICATION;",
              PgSession.identifier(facts.role().name())));
    }
    if (facts.setting("wal_level").filter("minimal"::equals).isPresent()) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message("wal_level is minimal, and a physical backup needs replica or logical"),
          message("ALTER SYSTEM SET wal_level = replica; then restart the server."));
    }
  }

  private static void requireWalSenders(ClusterFacts facts) {
    int senders =
        facts.setting("max_wal_senders").map(Integer::parseInt).orElse(NEEDED_WAL_SENDERS);
    if (senders < NEEDED_WAL_SENDERS) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "max_wal_senders is {0}, and a physical backup needs {1}",
              senders, NEEDED_WAL_SENDERS),
          message("ALTER SYSTEM SET max_wal_senders = 10; then restart the server."));
    }
  }
}
