package io.prova.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.BackupContext;
import io.prova.backup.logical.LogicalBackupRun;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.logical.LogicalPlanner;
import io.prova.base.Failure;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.journal.JournalEntry;
import io.prova.journal.JournalRecord;
import io.prova.journal.JournalVerification;
import io.prova.testing.FakeTools;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaSite;
import io.prova.testing.RunningProva;
import io.prova.testing.RunningProva.Result;
import io.prova.testing.TestRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Signals, programs that lie or hang, servers that go away, and two at once.
class ProcessesTest {

  private static final int FAILED = Failure.BACKUP_FAILED.exitCode();
  private static final int BUSY = Failure.BUSY.exitCode();
  private static final int INTERRUPTED = Failure.INTERRUPTED.exitCode();

  private static PgCluster cluster;
  private ProvaSite site;
  private FakeTools tools;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start(PgCluster.installedBin(), List.of("--wal-segsize=1"));
    cluster.sql(
        "postgres",
        "CREATE DATABASE shop",
        "CREATE TABLE orders AS SELECT i AS id, repeat('x', 100) AS what FROM generate_series(1, 5000) i");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = ProvaSite.of(cluster);
    site.set("physical", "{method: pg_basebackup}");
    tools = FakeTools.in(site);
    Files.createDirectory(reached().getParent());
    Files.setPosixFilePermissions(
        reached().getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
  }

  private Set<String> labels() throws IOException {
    return site.list().entries().stream()
        .map(entry -> entry.label().text())
        .collect(Collectors.toSet());
  }

  /// In a directory that every user may write to: some programs run as another one.
  private Path reached() {
    return site.root().resolve("reached").resolve("here");
  }

  /// Makes a program say that it has begun, and then take its time. A service that is being stopped
  /// or started is waited for, not killed.
  private void slow(String program) throws IOException {
    int seconds = program.equals("pg_ctl") ? 4 : 120;
    tools.replace(program, "touch " + reached() + "; sleep " + seconds + "; exec \"$real\" \"$@\"");
  }

  private RunningProva startAndReach(String... command) throws Exception {
    Files.deleteIfExists(reached());
    RunningProva process = site.start(command);
    for (int i = 0; i < 15_000 && process.isAlive() && !Files.exists(reached()); i++) {
      Thread.sleep(20);
    }
    assertThat(reached()).as("%s", process.output()).exists();
    return process;
  }

  private void requireUntouched(Set<String> before) throws Exception {
    assertThat(site.awaitNoWorkers(15)).isEmpty();
    assertThat(labels()).isEqualTo(before);
    assertThat(site.damages()).isEmpty();
    assertThat(site.leftovers()).isEmpty();
    assertThat(site.verifyJournal()).isInstanceOf(JournalVerification.Intact.class);
  }

  private void requireEndsBySignal(String signal, String slowProgram, String... command)
      throws Exception {
    slow(slowProgram);
    Set<String> before = labels();
    RunningProva process = startAndReach(command);
    process.signal(signal);
    Result result = process.await(Duration.ofSeconds(35));
    assertThat(result.exitCode()).as("%s", result).isEqualTo(INTERRUPTED);
    requireUntouched(before);
    List<JournalRecord> records = site.journalRecords();
    assertThat(records.getLast().event()).isEqualTo(JournalEntry.END);
    assertThat(records.getLast().details().get("result")).isEqualTo("interrupted");
    tools.restore(slowProgram);
  }

  @Test
  void aSignalEndsABackupCleanly() throws Exception {
    requireEndsBySignal("TERM", "pg_dump", "backup", "--logical");
    requireEndsBySignal("INT", "pg_basebackup", "backup", "--physical");
    site.succeed("backup", "--logical");
  }

  @Test
  @Tag("slow")
  void aSignalEndsARestoreOrADrillCleanly() throws Exception {
    site.succeed("backup");
    requireEndsBySignal("TERM", "pg_amcheck", "drill", physicalLabel());
    requireEndsBySignal("INT", "initdb", "drill", logicalLabel());
    requireEndsBySignal(
        "TERM", "psql", "restore", "--database", "postgres", "--into", "copy", logicalLabel());
    requireEndsBySignal("TERM", "pg_ctl", "restore", "--in-place", "--yes", physicalLabel());
    requireEndsBySignal("TERM", "pg_ctl", "recover", "--yes");
    Path target = site.root().resolve("target");
    requireEndsBySignal("TERM", "postgres", "restore", "--to", target.toString(), physicalLabel());
    assertThat(target).doesNotExist();
    try (var session = cluster.session("postgres")) {
      assertThat(
              session.query(
                  "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE 'prova%' OR datname = 'copy'",
                  row -> row.getString(1)))
          .isEmpty();
    }
    site.succeed("drill", physicalLabel());
    site.succeed("restore", "--in-place", "--yes", physicalLabel());
  }

  private String physicalLabel() throws IOException {
    return site.list().newest(BackupKind.PHYSICAL).orElseThrow().label().text();
  }

  private String logicalLabel() throws IOException {
    return site.list().newest(BackupKind.LOGICAL).orElseThrow().label().text();
  }

  private void requireFails(String program, String script, String kind) throws Exception {
    tools.replace(program, script);
    Set<String> before = labels();
    Result result = site.run("backup", kind);
    assertThat(result.exitCode()).as("%s: %s", script, result).isEqualTo(FAILED);
    requireUntouched(before);
    tools.restore(program);
  }

  @Test
  void aProgramThatLiesAboutItsSuccessMakesNoBackup() throws Exception {
    requireFails("pg_dump", "exit 0", "--logical");
    requireFails("pg_dump", "\"$real\" \"$@\" | head -c 3000", "--logical");
    requireFails("pg_dump", "\"$real\" \"$@\"; exit 1", "--logical");
    requireFails("pg_basebackup", "exit 0", "--physical");
  }

  @Test
  @Tag("slow")
  void everyWayAProgramMayFailMakesNoBackup() throws Exception {
    requireFails("pg_dump", "echo wrong >&2", "--logical");
    requireFails("pg_dump", "\"$real\" \"$@\" | head -c 3000; kill -9 $$", "--logical");
    requireFails("pg_dumpall", "exit 0", "--logical");
    requireFails("pg_dumpall", "\"$real\" \"$@\" | head -c 200", "--logical");
    requireFails("pg_basebackup", "\"$real\" \"$@\"; exit 1", "--physical");
    requireFails("pg_basebackup", "kill -9 $$", "--physical");
    requireFails("pg_verifybackup", "exit 1", "--physical");
    site.set("logical", "{time_limit: 3 s}");
    requireFails("pg_dump", "sleep 1000", "--logical");
    requireFails("pg_dump", "trap '' TERM INT; sleep 1000; sleep 1000", "--logical");
    requireFails("pg_dump", "\"$real\" \"$@\" | head -c 3000; sleep 1000", "--logical");
    site.set("logical", "{time_limit: 1 h}").succeed("backup");
  }

  @Test
  @Tag("slow")
  void aGigabyteOfErrorOutputFillsNeitherMemoryNorDisk() throws Exception {
    tools.replace("pg_dump", "head -c 1G /dev/zero | tr '\\0' x >&2; exec \"$real\" \"$@\"");
    Result oneLine = site.start(List.of(), List.of("-Xmx64m"), "backup", "--logical").await();
    assertThat(oneLine.exitCode()).as("%s", oneLine).isZero();
    tools.replace("pg_dump", "yes 'pg_dump: a line of it' | head -c 1G >&2; exec \"$real\" \"$@\"");
    Result lines = site.start(List.of(), List.of("-Xmx64m"), "backup", "--logical").await();
    assertThat(lines.exitCode()).isZero();
    long bytes = 0;
    try (var logs = Files.list(site.state().resolve("logs"))) {
      for (Path log : logs.toList()) {
        bytes += Files.size(log);
      }
    }
    assertThat(bytes).isLessThan(200L * 1024 * 1024);
    assertThat(site.damages()).isEmpty();
  }

  @Test
  void ofTwoBackupsAtOnceOneIsBusyAndAStoppedOneKeepsItsLock() throws Exception {
    tools.replace(
        "pg_dump",
        "touch "
            + reached()
            + "; while [ -e "
            + reached()
            + " ]; do sleep 0.1; done; exec \"$real\" \"$@\"");
    RunningProva first = startAndReach("backup", "--logical", "--database", "postgres");
    Result second = site.run("backup", "--physical");
    assertThat(second.exitCode()).as("%s", second).isEqualTo(BUSY);
    assertThat(second.output()).contains("pid " + first.pid());
    // A stopped process keeps its lock: nobody takes over, so nobody publishes behind its back.
    first.signal("STOP");
    assertThat(site.run("backup", "--logical").exitCode()).isEqualTo(BUSY);
    assertThat(site.run("expire").exitCode()).isEqualTo(BUSY);
    first.signal("CONT");
    Files.delete(reached());
    assertThat(first.await().exitCode()).isZero();
    tools.restore("pg_dump");
    site.succeed("backup", "--logical");
    assertThat(labels()).hasSize(2);
    assertThat(site.damages()).isEmpty();
  }

  @Test
  void twoBackupsInTheSameMinuteHaveLabelsOfTheirOwn() throws Exception {
    try (TestRepository repository = TestRepository.forCluster(cluster)) {
      repository.setClock(InstantSource.fixed(Instant.parse("2026-11-22T05:00:13Z")));
      BackupContext context = repository.backupContext();
      for (String label : List.of("2026-11-22_02-00", "2026-11-22_02-00-2")) {
        Backup backup =
            LogicalBackupRun.run(
                context, LogicalPlanner.plan(context, LogicalOptions.DEFAULTS, Optional.empty()));
        assertThat(backup.label().text()).isEqualTo(label);
      }
    }
  }

  @Test
  @Tag("slow")
  void aServerThatGoesAwayDuringABackupFailsIt() throws Exception {
    for (String program : List.of("pg_dump", "pg_basebackup")) {
      tools.replace(
          program,
          "touch "
              + reached()
              + "; while [ -e "
              + reached()
              + " ]; do sleep 0.1; done; exec \"$real\" \"$@\"");
      Set<String> before = labels();
      RunningProva process =
          startAndReach("backup", program.equals("pg_dump") ? "--logical" : "--physical");
      cluster.run(
          "pg_ctl",
          List.of("-D", cluster.dataDirectory().toString(), "-w", "-s", "-m", "immediate", "stop"));
      if (program.equals("pg_dump")) {
        cluster.startServer();
      }
      Files.delete(reached());
      Result result = process.await();
      assertThat(result.exitCode()).as("%s", result).isIn(FAILED, Failure.CONNECTION.exitCode());
      if (program.equals("pg_basebackup")) {
        cluster.startServer();
      }
      requireUntouched(before);
      tools.restore(program);
    }
    site.succeed("backup");
  }

  @Test
  @Tag("slow")
  void connectionsCutInTheMiddleFailABackup() throws Exception {
    cluster.sql(
        "shop",
        "CREATE TABLE large AS SELECT i AS id, repeat(md5(i::text), 20) AS what FROM generate_series(1, 100000) i");
    site.set("physical", "{method: pg_basebackup, max_rate: 2 MB}");
    for (String kind : List.of("--logical", "--physical")) {
      Set<String> before = labels();
      int cut = 0;
      for (int attempt = 0; attempt < 10 && cut == 0; attempt++) { // it may be over too soon
        RunningProva process = site.start("backup", kind);
        cut = cutConnections(kind.equals("--logical") ? "COPY" : "BASE_BACKUP", process);
        Result result = process.await();
        assertThat(result.exitCode()).as("%s", result).isEqualTo(cut > 0 ? FAILED : 0);
        before = cut > 0 ? before : labels();
      }
      assertThat(cut).as("connections cut").isPositive();
      requireUntouched(before);
    }
  }

  /// @return how many, that were transferring data by that command
  private static int cutConnections(String command, RunningProva process)
      throws InterruptedException {
    try (var session = cluster.session("postgres")) {
      int cut = 0;
      while (process.isAlive() && cut == 0) {
        cut =
            session
                .query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query LIKE ?",
                    row -> row.getBoolean(1),
                    command + "%")
                .size();
        Thread.sleep(5);
      }
      return cut;
    }
  }

  @Test
  @Tag("slow")
  void littleMemoryMakesAWholeBackupOrNone() throws Exception {
    cluster.sql(
        "shop",
        "CREATE TABLE IF NOT EXISTS wide AS SELECT repeat(md5(i::text), 20000) AS what FROM generate_series(1, 20) i");
    for (int megabytes : new int[] {8, 12, 16, 24}) {
      Set<String> before = labels();
      Result result = site.start(List.of(), List.of("-Xmx" + megabytes + "m"), "backup").await();
      System.out.println(megabytes + " MB: exit code " + result.exitCode());
      assertThat(site.awaitNoWorkers(15)).isEmpty();
      assertThat(labels()).containsAll(before);
      assertThat(site.damages()).isEmpty();
      if (result.exitCode() != 0) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(Failure.INTERNAL.exitCode());
        assertThat(result.output()).contains("out of memory");
      }
    }
    site.succeed("backup");
    assertThat(site.leftovers())
        .allMatch(path -> path.getFileName().toString().startsWith(".tmp-"));
  }
}
