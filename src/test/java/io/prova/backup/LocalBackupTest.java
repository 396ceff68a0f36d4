package io.prova.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.catalog.Backup;
import io.prova.catalog.PhysicalMethod;
import io.prova.drill.DrillRun;
import io.prova.drill.Evidence;
import io.prova.drill.Verdict;
import io.prova.postgres.OnlineBackup;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.restore.BackupSource;
import io.prova.restore.PhysicalCopy;
import io.prova.testing.PgCluster;
import io.prova.testing.TestRepository;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LocalBackupTest {

  private static final PhysicalOptions LOCAL =
      new PhysicalOptions(
          PhysicalMethod.LOCAL, true, Optional.empty(), Duration.ofMinutes(10), 1, List.of());

  private static PgCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql(
        "postgres",
        "CREATE DATABASE shop",
        "CREATE TABLESPACE outside LOCATION '" + cluster.directory("ts") + "'");
    cluster.sql(
        "shop",
        "CREATE TABLE orders TABLESPACE outside AS SELECT i AS id, 'order ' || i AS what FROM generate_series(1, 200000) i",
        "CREATE UNLOGGED TABLE scratch AS SELECT 1 AS x",
        "CREATE TABLE empty (x int)");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  private static Backup backUp(TestRepository repository) throws IOException, InterruptedException {
    BackupContext context = repository.backupContext();
    return PhysicalBackupRun.run(
        context, PhysicalPlanner.plan(context, LOCAL, Optional.of(FingerprintBudget.UNLIMITED)));
  }

  @Test
  void aBackupInPacksIsProvenByADrill() throws Exception {
    try (TestRepository repository = TestRepository.forCluster(cluster)) {
      Backup backup = backUp(repository);
      Backup.Packed packed = backup.physical().orElseThrow().packed().orElseThrow();
      assertThat(backup.stored().bytes()).isLessThan(packed.bytes().bytes() / 3);
      assertThat(backup.anomalies()).isEmpty();
      Evidence evidence = DrillRun.run(repository.drillContext(List.of()), backup);
      assertThat(evidence.verdict()).as("%s", evidence).isEqualTo(Verdict.PROVEN);
    }
  }

  @Test
  void aDamagedPageIsNamedAndTheBackupNotTrustedToReplaceOlderOnes() throws Exception {
    try (PgCluster damaged = PgCluster.start("wal_level = replica");
        TestRepository repository = TestRepository.forCluster(damaged)) {
      damaged.sql("postgres", "CREATE TABLE t AS SELECT i FROM generate_series(1, 10000) i");
      String path;
      try (var session = damaged.session("postgres")) {
        path = session.requiredText("SELECT pg_relation_filepath('t')");
      }
      damaged.stopServer();
      try (RandomAccessFile file =
          new RandomAccessFile(damaged.dataDirectory().resolve(Path.of(path)).toFile(), "rw")) {
        file.seek(3 * 8192 + 5000);
        int was = file.read();
        file.seek(3 * 8192 + 5000);
        file.write(was ^ 4);
      }
      damaged.startServer();
      Backup backup = backUp(repository);
      assertThat(backup.anomalies())
          .contains("1 page of the server has a wrong checksum: " + path + " [3]");
      assertThat(backup.physical().orElseThrow().packed().orElseThrow().badPages()).isEqualTo(1);
    }
  }

  /// A standby's own backup reaches as far as its `pg_control` says, while WAL keeps coming.
  @Test
  void aStandbyIsBackedUpWhileItFollowsABusyPrimary() throws Exception {
    try (PgCluster primary = PgCluster.start("wal_level = replica");
        PgCluster standby = PgCluster.unfilled()) {
      primary.sql(
          "postgres",
          "CREATE TABLE t AS SELECT i, repeat('x', 500) AS filler FROM generate_series(1, 20000) i");
      standby.run(
          "pg_basebackup",
          List.of(
              "-h",
              primary.root().toString(),
              "-p",
              Integer.toString(primary.port()),
              "-U",
              "postgres",
              "-D",
              standby.dataDirectory().toString(),
              "-c",
              "fast",
              "-R"));
      standby.startRestored();
      AtomicBoolean ended = new AtomicBoolean();
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                while (!ended.get()) {
                  primary.sql(
                      "postgres",
                      "UPDATE t SET filler = repeat('y', 500) WHERE i % 5 = 0",
                      "CHECKPOINT");
                }
              });
      try (TestRepository repository = TestRepository.forCluster(standby)) {
        BackupContext context = repository.backupContext();
        Backup backup =
            PhysicalBackupRun.run(context, PhysicalPlanner.plan(context, LOCAL, Optional.empty()));
        assertThat(backup.server().standby()).isTrue();
        assertThat(backup.anomalies()).isEmpty();
        try (PgCluster copy = PgCluster.unfilled()) {
          PhysicalCopy.run(
              repository.restoreContext(),
              BackupSource.verified(repository.restoreContext(), backup),
              copy.dataDirectory(),
              Map.of(),
              copy.owner(),
              false);
          Files.deleteIfExists(copy.dataDirectory().resolve("standby.signal"));
          copy.startRestored();
          copy.amcheck();
          assertThat(copy.dump("postgres")).contains("COPY public.t");
        }
      } finally {
        ended.set(true);
        writer.join();
      }
    }
  }

  /// It has a replayed position, and no received one.
  @Test
  void aStandbyThatReceivesNothingKnowsHowFarItsWalGoes() throws Exception {
    try (PgCluster standby = PgCluster.unfilled()) {
      standby.run(
          "pg_basebackup",
          List.of(
              "-h",
              cluster.root().toString(),
              "-p",
              Integer.toString(cluster.port()),
              "-U",
              "postgres",
              "-D",
              standby.dataDirectory().toString(),
              "-T",
              cluster.root().resolve("ts") + "=" + standby.directory("ts"),
              "-c",
              "fast"));
      Path signal = standby.dataDirectory().resolve("standby.signal");
      Files.createFile(signal);
      standby.own(signal);
      standby.startRestored();
      try (OnlineBackup online =
          OnlineBackup.start(standby.connection("postgres"), 15, "prova_test", true)) {
        assertThat(online.currentLsn()).isGreaterThanOrEqualTo(online.startLsn());
        online.stop();
      }
    }
  }
}
