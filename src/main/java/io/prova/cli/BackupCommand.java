package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Operations;
import io.prova.app.Operations.BackupChoice;
import io.prova.app.Operations.BackupDone;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.logical.LogicalPlan;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlan;
import io.prova.backup.physical.PhysicalPlan.BaseBackup;
import io.prova.base.ByteCount;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.config.ClusterSettings;
import io.prova.config.ClusterSettings.Job;
import io.prova.engine.seal.Recipient;
import io.prova.postgres.ClusterFacts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova backup`.
@Command(
    name = "backup",
    description = "Take a backup: of both kinds, or of the kind named.",
    footer = {
      "",
      "A backup exists when it is whole: every byte written, synced, bound by digest and read back.",
      "Then backups that no retention rule keeps go to the trash.",
      "Exit code 21: the backup is whole and looks wrong (suddenly tiny); nothing older is removed."
    })
final class BackupCommand extends Subcommand {

  @Option(names = "--logical", description = "Dump every database with pg_dump.")
  private boolean logical;

  @Option(names = "--physical", description = "Copy the cluster with pg_basebackup.")
  private boolean physical;

  @Option(
      names = "--database",
      paramLabel = "NAME",
      description = "Dump only this database (may be repeated; * stands for any characters).")
  private List<String> databases = new ArrayList<>();

  @Option(
      names = "--max-rate",
      paramLabel = "RATE",
      description = "Bytes a second that the server may send, such as 50MB.")
  private @Nullable String maxRate;

  @Option(
      names = "--no-fingerprint",
      description = "Take no fingerprint: quicker, but no restore test can compare the data.")
  private boolean noFingerprint;

  @Option(names = "--dry-run", description = "Show what would be done, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    BackupChoice choice = choice(session.cluster().settings());
    List<BackupKind> kinds = kinds(session.cluster().settings());
    if (dryRun) {
      for (BackupKind kind : kinds) {
        show(session, kind, choice);
      }
      return 0;
    }
    int exitCode = 0;
    for (BackupKind kind : kinds) {
      try {
        exitCode = Math.max(exitCode, take(session, kind, choice));
      } catch (OperationFailed e) {
        if (kind == kinds.getLast()) {
          throw e;
        }
        // One kind that fails is the more reason to have the other.
        session.output().failed(e);
        exitCode = e.failure().exitCode();
      }
    }
    return exitCode;
  }

  /// Both kinds, as scheduled, unless one is named.
  private List<BackupKind> kinds(ClusterSettings settings) {
    if (logical || physical) {
      List<BackupKind> kinds = new ArrayList<>();
      if (logical) {
        kinds.add(BackupKind.LOGICAL);
      }
      if (physical) {
        kinds.add(BackupKind.PHYSICAL);
      }
      return kinds;
    }
    List<BackupKind> scheduled = new ArrayList<>();
    if (settings.schedules().containsKey(Job.LOGICAL)) {
      scheduled.add(BackupKind.LOGICAL);
    }
    if (settings.schedules().containsKey(Job.PHYSICAL)) {
      scheduled.add(BackupKind.PHYSICAL);
    }
    return scheduled.isEmpty() ? List.of(BackupKind.values()) : scheduled;
  }

  private BackupChoice choice(ClusterSettings settings) {
    Optional<LogicalOptions> logicalOptions = Optional.empty();
    if (!databases.isEmpty()) {
      LogicalOptions configured = settings.logical();
      logicalOptions =
          Optional.of(
              new LogicalOptions(
                  databases,
                  List.of(),
                  configured.format(),
                  configured.compression(),
                  configured.jobs(),
                  configured.timeLimit(),
                  configured.lockWait()));
    }
    Optional<PhysicalOptions> physicalOptions = Optional.empty();
    if (maxRate != null) {
      physicalOptions = Optional.of(settings.physical().withMaxRate(rate(maxRate)));
    }
    return new BackupChoice(logicalOptions, physicalOptions, !noFingerprint);
  }

  private static ByteCount rate(String text) {
    try {
      return ByteCount.parse(text);
    } catch (IllegalArgumentException e) {
      throw new OperationFailed(
          Failure.USAGE,
          message("--max-rate: \"{0}\" is not a size", text),
          message("Write it as 50MB or 800kB."),
          e);
    }
  }

  /// @return the exit code
  private static int take(Session session, BackupKind kind, BackupChoice choice)
      throws IOException, InterruptedException {
    Output output = session.output();
    BackupDone done = session.operations().backup(kind, choice, output);
    Backup backup = done.backup();
    output.done(
        message(
            "{0} backup {1}: {2}, {3} {3|file|files}, {4}",
            kind.word(),
            backup.label().toString(),
            backup.stored(),
            backup.files(),
            Duration.between(backup.started(), backup.finished())));
    done.expired()
        .ifPresent(plan ->
            plan.leaving()
                .forEach(decision ->
                    output.done(
                        message("{0} went to the trash", decision.entry().label().toString()))));
    output.json(
        "prova.backup.v1",
        Map.of(
            "label",
            backup.label(),
            "kind",
            kind,
            "stored",
            backup.stored(),
            "files",
            backup.files(),
            "anomalies",
            backup.anomalies(),
            "warnings",
            backup.warnings()));
    if (backup.anomalies().isEmpty()) {
      return 0;
    }
    output.warn(
        message(
            "{0} looks wrong, so nothing older is removed; when it is right: prova accept {0}",
            backup.label().toString()));
    return Failure.SUSPICIOUS.exitCode();
  }

  private static void show(Session session, BackupKind kind, BackupChoice choice)
      throws IOException, InterruptedException {
    Operations operations = session.operations();
    Output output = session.output();
    switch (kind) {
      case LOGICAL -> {
        LogicalPlan plan = operations.planLogical(choice, output);
        plan.warnings().forEach(output::warn);
        List<String> names = plan.databases().stream().map(ClusterFacts.Database::name).toList();
        output.line(
            message(
                "logical: pg_dump {0} of {1} {1|database|databases}: {2}",
                plan.pgDump().version().toString(), names.size(), names));
        output.json(
            "prova.backup.plan.v1",
            Map.of("kind", kind, "databases", names, "left_out", plan.leftOut()));
      }
      case PHYSICAL -> {
        PhysicalPlan plan = operations.planPhysical(choice, output);
        plan.warnings().forEach(output::warn);
        ByteCount size =
            new ByteCount(
                plan.facts().databases().stream().mapToLong(ClusterFacts.Database::bytes).sum());
        int tablespaces = plan.facts().tablespaces().size();
        plan.baseBackup().flatMap(BaseBackup::insteadOfLocal).ifPresent(output::line);
        output.line(
            plan.baseBackup().isPresent()
                ? message(
                    "physical: pg_basebackup {0} of about {1}, {2} {2|tablespace|tablespaces}",
                    plan.baseBackup().get().pgBasebackup().version().toString(), size, tablespaces)
                : message(
                    "physical: packs of about {0}, {1} {1|tablespace|tablespaces}",
                    size, tablespaces));
        List<String> recipients =
            plan.options().recipients().stream().map(Recipient::toString).toList();
        if (!recipients.isEmpty()) {
          output.line(message("encrypted for {0}", recipients));
        }
        output.json(
            "prova.backup.plan.v1", Map.of("kind", kind, "bytes", size, "recipients", recipients));
      }
    }
  }
}
