package io.prova.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.BackupContext;
import io.prova.backup.logical.LogicalBackupRun;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.logical.LogicalPlanner;
import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.testing.TestRepository;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A drill that fails without cause teaches people to look away. So the drill of a good backup
/// never fails, whatever the cluster holds and whoever wrote to it during the backup.
class CleanDrillsTest {

  private record Round(
      Backup backup, Evidence evidence, long statements, Duration backupTook, Duration drillTook) {

    String trouble() {
      StringBuilder text = new StringBuilder(backup.kind() + ": " + evidence.reasons());
      for (DrillCheck check : evidence.checks()) {
        if (check.outcome() != DrillCheck.Outcome.PASSED) {
          text.append("\n  ").append(check.name()).append(": ").append(check.summary());
          check.details().forEach(detail -> text.append("\n    ").append(detail));
        }
      }
      return text.toString();
    }
  }

  @Test
  void aDrillOfAGoodBackupSucceeds() throws Exception {
    run(1);
  }

  /// `-Drounds=` of each kind; the seed is printed, and `-Dseed=` repeats it.
  @Test
  @Tag("slow")
  void fiftyDrillsOfGoodBackupsSucceed() throws Exception {
    run(Integer.getInteger("rounds", 25));
  }

  private static void run(int rounds) throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    List<Round> all = new ArrayList<>();
    try (BusyCluster busy = new BusyCluster(seed)) {
      for (int i = 0; i < rounds; i++) {
        // The repository is a new one each time: what is proven is one backup, not their number.
        for (BackupKind kind : BackupKind.values()) {
          try (TestRepository repository = TestRepository.forCluster(busy.cluster)) {
            all.add(round(busy, repository, kind));
          }
        }
      }
    }
    report(seed, all);
    List<String> failed =
        all.stream()
            .filter(round -> round.evidence.verdict() != Verdict.PROVEN)
            .map(Round::trouble)
            .toList();
    assertThat(failed).as("seed %s", seed).isEmpty();
  }

  private static Round round(BusyCluster busy, TestRepository repository, BackupKind kind)
      throws IOException, InterruptedException {
    BackupContext context = repository.backupContext();
    Optional<FingerprintBudget> fingerprint = Optional.of(FingerprintBudget.UNLIMITED);
    busy.startWork(kind == BackupKind.PHYSICAL);
    long began = System.nanoTime();
    Backup backup =
        switch (kind) {
          case LOGICAL ->
              LogicalBackupRun.run(
                  context, LogicalPlanner.plan(context, LogicalOptions.DEFAULTS, fingerprint));
          case PHYSICAL ->
              PhysicalBackupRun.run(
                  context, PhysicalPlanner.plan(context, PhysicalOptions.DEFAULTS, fingerprint));
        };
    Duration backupTook = Duration.ofNanos(System.nanoTime() - began);
    long statements = busy.stopWork();
    began = System.nanoTime();
    Evidence evidence = DrillRun.run(repository.drillContext(List.of()), backup);
    return new Round(
        backup, evidence, statements, backupTook, Duration.ofNanos(System.nanoTime() - began));
  }

  private static void report(long seed, List<Round> all) {
    System.out.println("seed " + seed + ", " + all.size() + " drills of good backups");
    for (BackupKind kind : BackupKind.values()) {
      List<Round> rounds = all.stream().filter(each -> each.backup.kind() == kind).toList();
      System.out.printf(
          "%s: %d proven of %d, median backup %.1f s, drill %.1f s, restore %.1f s, %d statements meanwhile; last: %s%n",
          kind,
          rounds.stream().filter(each -> each.evidence.verdict() == Verdict.PROVEN).count(),
          rounds.size(),
          median(rounds.stream().map(Round::backupTook).toList()),
          median(rounds.stream().map(Round::drillTook).toList()),
          median(rounds.stream().map(each -> each.evidence.restoreTime()).toList()),
          rounds.stream().mapToLong(Round::statements).sorted().toArray()[rounds.size() / 2],
          rounds.getLast().evidence.checks().get(1).summary());
    }
  }

  private static double median(List<Duration> times) {
    return times.stream().sorted().toList().get(times.size() / 2).toMillis() / 1000.0;
  }
}
