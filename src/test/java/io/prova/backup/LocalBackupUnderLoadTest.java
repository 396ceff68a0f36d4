package io.prova.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.base.Event;
import io.prova.catalog.Backup;
import io.prova.catalog.PhysicalMethod;
import io.prova.postgres.connection.PgSession;
import io.prova.restore.BackupSource;
import io.prova.restore.PhysicalCopy;
import io.prova.testing.EmbeddedPostgres;
import io.prova.testing.PgCluster;
import io.prova.testing.Seeded;
import io.prova.testing.TestRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// While files are read, everything happens to them: rows change, tables are made, filled, cut,
/// rewritten, moved and dropped, databases are made both ways and dropped. What is restored is what
/// the server had when the backup ended, to the last row.
class LocalBackupUnderLoadTest {

  private static final PhysicalOptions LOCAL =
      new PhysicalOptions(
          PhysicalMethod.LOCAL, true, Optional.empty(), Duration.ofMinutes(10), 1, List.of());

  /// Writers stop when so much has been read; the rest of the backup is read after.
  private static final long READ_UNDER_LOAD = 60L << 20;

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 64})
  void theInstalledMajorWithSegmentsOf(int walSegmentMegabytes) throws Exception {
    run(PgCluster.installedBin(), walSegmentMegabytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 16, 17, 18})
  void otherMajors(int major) throws Exception {
    Optional<Path> bin = EmbeddedPostgres.bin(major);
    assumeTrue(bin.isPresent(), "no server of that major runs here");
    run(bin.get(), 16);
  }

  private static void run(Path bin, int walSegmentMegabytes) throws Exception {
    Random random = Seeded.random(LocalBackupUnderLoadTest.class);
    try (PgCluster cluster =
            PgCluster.start(
                bin,
                List.of("--wal-segsize=" + walSegmentMegabytes),
                "wal_level = replica",
                "autovacuum_naptime = 1s",
                "max_wal_size = 256MB");
        PgCluster copy = PgCluster.unfilled(bin);
        TestRepository repository = TestRepository.forCluster(cluster)) {
      fill(cluster);
      Writers writers = new Writers(cluster, random);
      Map<String, String> before = new TreeMap<>();
      AtomicBoolean quiet = new AtomicBoolean();
      Consumer<Event> events =
          event -> {
            if (event instanceof Event.Progress progress
                && progress.done().bytes() > READ_UNDER_LOAD
                && quiet.compareAndSet(false, true)) {
              writers.stop();
              before.putAll(digests(cluster));
            }
          };
      BackupContext context = listening(repository.backupContext(), events);
      Backup backup =
          PhysicalBackupRun.run(context, PhysicalPlanner.plan(context, LOCAL, Optional.empty()));
      writers.stop();
      assertThat(quiet).as("enough was read under load").isTrue();
      assertThat(writers.rounds()).as("the writers wrote").isGreaterThan(3);
      assertThat(backup.anomalies()).isEmpty();

      Map<Long, Path> tablespaces = new HashMap<>();
      backup
          .physical()
          .orElseThrow()
          .tablespaces()
          .forEach(each -> tablespaces.put(each.oid(), copy.root().resolve(each.name())));
      PhysicalCopy.run(
          repository.restoreContext(),
          BackupSource.verified(repository.restoreContext(), backup),
          copy.dataDirectory(),
          tablespaces,
          copy.owner(),
          false);
      copy.startRestored();
      assertThat(digests(copy)).isEqualTo(before);
      try (PgSession session = copy.session("load")) {
        assertThat(session.requiredText("SELECT count(*)::text FROM forgettable")).isEqualTo("0");
      }
      if (Files.isExecutable(bin.resolve("pg_amcheck"))) {
        copy.amcheck();
      }
      assertThat(Files.readString(copy.root().resolve("log")))
          .doesNotContain("PANIC:", "FATAL:", "ERROR:");
    }
  }

  private static BackupContext listening(BackupContext context, Consumer<Event> events) {
    return new BackupContext(
        context.cluster(),
        context.operation(),
        context.connection(),
        context.repository(),
        context.tools(),
        context.redactor(),
        context.clock(),
        context.zone(),
        context.provaVersion(),
        context.anchor(),
        events);
  }

  private static void fill(PgCluster cluster) throws Exception {
    cluster.sql(
        "postgres",
        "CREATE DATABASE load",
        "CREATE TABLESPACE outside LOCATION '" + cluster.directory("outside") + "'");
    cluster.sql(
        "load",
        "CREATE TABLE accounts AS SELECT i AS id, 0 AS balance, repeat('x', 80) AS filler FROM generate_series(1, 300000) i",
        "CREATE UNIQUE INDEX ON accounts (id)",
        "CREATE TABLE elsewhere (id bigserial PRIMARY KEY, what text) TABLESPACE outside",
        "INSERT INTO elsewhere (what) SELECT md5(i::text) FROM generate_series(1, 100000) i",
        "CREATE UNLOGGED TABLE forgettable AS SELECT i FROM generate_series(1, 1000) i",
        "CREATE TABLE cut AS SELECT i FROM generate_series(1, 100000) i",
        "CREATE TABLE moved (i int, t text)",
        "CHECKPOINT");
  }

  /// Two sessions that change everything there is, until they are stopped.
  private static final class Writers {

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final List<Future<Integer>> running = new ArrayList<>();
    private int rounds;

    Writers(PgCluster cluster, Random random) {
      long seed = random.nextLong();
      running.add(threads.submit(() -> write(cluster, new Random(seed))));
      running.add(threads.submit(() -> rebuild(cluster, new Random(seed + 1))));
    }

    private int write(PgCluster cluster, Random random) {
      int round = 0;
      try (PgSession session = cluster.session("load")) {
        while (!stopped.get()) {
          int from = random.nextInt(290_000);
          session.execute(
              "UPDATE accounts SET balance = balance + 1 WHERE id BETWEEN "
                  + from
                  + " AND "
                  + (from + 2000));
          session.execute(
              "INSERT INTO elsewhere (what) SELECT md5(i::text) FROM generate_series(1, 3000) i");
          session.execute("DELETE FROM elsewhere WHERE id % 97 = " + random.nextInt(97));
          session.execute("INSERT INTO forgettable SELECT i FROM generate_series(1, 500) i");
          round++;
        }
      }
      return round;
    }

    private int rebuild(PgCluster cluster, Random random) {
      int round = 0;
      try (PgSession session = cluster.session("load")) {
        boolean strategies =
            Integer.parseInt(session.requiredText("SHOW server_version_num")) >= 150_000;
        while (!stopped.get()) {
          String name = "made_" + round;
          session.execute(
              "CREATE TABLE "
                  + name
                  + " AS SELECT i, md5(i::text) FROM generate_series(1, "
                  + (1 + random.nextInt(30_000))
                  + ") i");
          session.execute("CREATE INDEX ON " + name + " (i)");
          if (random.nextBoolean()) {
            session.execute("DROP TABLE " + name);
          }
          session.execute("TRUNCATE cut");
          session.execute(
              "INSERT INTO cut SELECT i FROM generate_series(1, " + random.nextInt(50_000) + ") i");
          session.execute("INSERT INTO moved SELECT i, 'm' FROM generate_series(1, 5000) i");
          session.execute(
              "ALTER TABLE moved SET TABLESPACE " + (round % 2 == 0 ? "outside" : "pg_default"));
          session.execute(round % 3 == 0 ? "VACUUM FULL cut" : "VACUUM accounts");
          String database = "database_" + round;
          session.execute(
              "CREATE DATABASE "
                  + database
                  + (strategies
                      ? " STRATEGY " + (random.nextBoolean() ? "wal_log" : "file_copy")
                      : ""));
          if (random.nextBoolean()) {
            session.execute("DROP DATABASE " + database);
          }
          round++;
        }
      }
      return round;
    }

    /// Ends them at the end of what they are doing.
    synchronized void stop() {
      stopped.set(true);
      try {
        for (Future<Integer> each : running) {
          rounds += each.get(2, TimeUnit.MINUTES);
        }
      } catch (Exception e) {
        throw new AssertionError("a writer failed", e);
      }
      running.clear();
      threads.shutdown();
    }

    int rounds() {
      return rounds;
    }
  }

  /// What every table of every database holds.
  private static Map<String, String> digests(PgCluster cluster) {
    Map<String, String> digests = new TreeMap<>();
    List<String> databases;
    try (PgSession session = cluster.session("postgres")) {
      databases =
          session.query(
              "SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1",
              row -> row.getString(1));
    }
    for (String database : databases) {
      try (PgSession session = cluster.session(database)) {
        List<String> tables =
            session.query(
                "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relpersistence = 'p'"
                    + " AND (relnamespace = 'public'::regnamespace OR relname IN ('pg_class', 'pg_attribute'))",
                row -> row.getString(1));
        for (String table : tables) {
          // pg_class changes by itself: statistics of vacuum, and what the unlogged reset.
          String rows =
              table.equals("pg_class")
                  ? "SELECT oid, relname, relfilenode, relkind FROM pg_class"
                  : "SELECT * FROM " + table;
          digests.put(
              database + "." + table,
              session.requiredText(
                  "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM ("
                      + rows
                      + ") t"));
        }
      }
    }
    return digests;
  }
}
