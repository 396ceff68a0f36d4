package io.prova.backup.physical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.prova.backup.BackupContext;
import io.prova.backup.NewBackup;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.BackupKind;
import io.prova.catalog.PhysicalMethod;
import io.prova.storage.FaultyObjectStore;
import io.prova.storage.FaultyObjectStore.Fault;
import io.prova.storage.ObjectStore;
import io.prova.storage.fs.LocalObjectStore;
import io.prova.storage.retry.RetryingObjectStore;
import io.prova.testing.OpenFiles;
import io.prova.testing.PgCluster;
import io.prova.testing.Seeded;
import io.prova.testing.TestRepository;
import io.prova.verify.VerifyRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// A real backup whose store fails at the n-th call. `-Drounds=` says how many n are tried, besides
/// the first call and the last.
class LocalBackupUnderFaultsTest {

  private static final int ROUNDS = Integer.getInteger("rounds", 1);
  private static final List<Fault> ERRORS =
      List.of(Fault.REFUSED, Fault.LOST_REPLY, Fault.PARTIAL_WRITE);

  private static final PhysicalOptions LOCAL =
      new PhysicalOptions(
          PhysicalMethod.LOCAL, true, Optional.empty(), Duration.ofMinutes(10), 1, List.of());

  @Test
  void aFailingStoreLeavesNothingAndTheNextBackupIsWhole() throws Exception {
    Random random = Seeded.random(LocalBackupUnderFaultsTest.class);
    try (PgCluster cluster =
            PgCluster.start(
                PgCluster.installedBin(), List.of("--wal-segsize=1"), "wal_level = replica");
        TestRepository repository = TestRepository.forCluster(cluster)) {
      int calls = count(repository);
      for (int round = 0; round < ROUNDS + 2; round++) {
        Fault fault = ERRORS.get(random.nextInt(round < 2 ? 2 : ERRORS.size()));
        int n =
            switch (round) {
              case 0 -> 1;
              case 1 -> calls;
              default -> 1 + random.nextInt(calls * 2 / 3);
            };
        assertNothingIsLeft(cluster, repository, fault, n);
      }
      assertThat(repository.repository().catalog().list().entries()).hasSize(1);

      Fault passing = ERRORS.get(random.nextInt(ERRORS.size()));
      int n = 1 + random.nextInt(calls * 2 / 3);
      Backup backup =
          backUp(
              repository,
              store ->
                  new RetryingObjectStore(
                      new FaultyObjectStore(store, passing, n), 3, Duration.ZERO, time -> {}));
      VerifyRun.Result verified =
          VerifyRun.run(
              repository.repository(),
              backup,
              true,
              BackupKeys.NONE,
              "test",
              InstantSource.system(),
              event -> {});
      assertThat(verified.findings()).as("after %s at call %s", passing, n).isEmpty();
    }
  }

  private static int count(TestRepository repository) throws Exception {
    FaultyObjectStore[] faultless = new FaultyObjectStore[1];
    backUp(
        repository,
        store -> {
          faultless[0] = FaultyObjectStore.faultless(store);
          return faultless[0];
        });
    return faultless[0].calls();
  }

  private static Backup backUp(TestRepository repository, UnaryOperator<ObjectStore> wrapper)
      throws Exception {
    BackupContext context = repository.backupContext();
    PhysicalPlan plan = PhysicalPlanner.plan(context, LOCAL, Optional.empty());
    try (NewBackup target = NewBackup.begin(context, BackupKind.PHYSICAL)) {
      ObjectStore store = wrapper.apply(new LocalObjectStore(target.directory()));
      return new LocalBackupRun(context, plan, target, store).run();
    }
  }

  private static void assertNothingIsLeft(
      PgCluster cluster, TestRepository repository, Fault fault, int n) throws Exception {
    Throwable thrown =
        catchThrowable(() -> backUp(repository, store -> new FaultyObjectStore(store, fault, n)));
    String when = fault + " at call " + n + ": " + thrown;
    assertThat(thrown).as(when).hasMessageMatching("\\S+: injected fault, .*");
    Path root = repository.repository().root();
    assertThat(OpenFiles.below(root)).as(when).isEmpty();
    try (var left = Files.list(root.resolve("fisicos"))) {
      assertThat(left).as(when).hasSize(1); // the one that was counted
    }
    try (var session = cluster.session("postgres")) {
      assertThat(session.requiredText("SELECT count(*)::text FROM pg_replication_slots"))
          .as(when)
          .isEqualTo("0");
    }
  }
}
