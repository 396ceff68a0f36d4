package io.prova.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.app.Cluster;
import io.prova.app.Wiring;
import io.prova.base.Message;
import io.prova.journal.JournalRecord;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import io.prova.testing.Installation;
import io.prova.testing.PgCluster;
import io.prova.testing.SteppingClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the daemon does at a time, with the clock in the test's hand and everything else real.
class ServeTest {

  private static final String DAILY_DUMPS =
      """
      logical: {schedule: daily 02:00}
      physical: {schedule: never}
      drill: {schedule: never}
      """;

  private static PgCluster cluster;

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final SteppingClock clock = new SteppingClock(Instant.parse("2026-11-22T15:00:00Z"));

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql("postgres", "CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 100) i");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  private Installation installation(String jobs) throws Exception {
    return Installation.of(cluster, jobs, clock);
  }

  private void log(Message line) {
    log.add(line.toString());
  }

  private ClusterLoop loop(Installation installation) throws Exception {
    Wiring wiring = installation.wiring();
    return new ClusterLoop(wiring, only(wiring), this::log);
  }

  private ClusterWatch watch(Installation installation) throws Exception {
    Wiring wiring = installation.wiring();
    return new ClusterWatch(wiring, only(wiring), this::log);
  }

  private static Cluster only(Wiring wiring) {
    return wiring.cluster(Optional.empty());
  }

  private static long begun(Installation installation, String command) throws Exception {
    return installation.journal().stream()
        .filter(record -> record.command().equals(command) && record.event().equals("start"))
        .count();
  }

  @Test
  void aMissedRunIsCaughtUpOnceAndADoneOneNotRepeated() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS)) {
      loop(installation).runDue();
      assertThat(installation.backups()).hasSize(1);

      clock.advance(Duration.ofDays(10)); // ten due times passed while the machine was off
      ClusterLoop restarted = loop(installation);
      restarted.runDue();
      restarted.runDue();
      assertThat(installation.backups()).hasSize(2);

      clock.set(Instant.parse("2026-12-03T04:59:30Z"));
      restarted.runDue();
      assertThat(installation.backups()).hasSize(2);
      clock.advance(Duration.ofSeconds(30)); // 02:00 in São Paulo
      restarted.runDue();
      loop(installation).runDue();
      assertThat(installation.backups())
          .containsExactly("2026-11-22_12-00", "2026-12-02_12-00", "2026-12-03_02-00");
      assertThat(installation.told("team")).isEmpty();
    }
  }

  @Test
  void aDatabaseThatIsDownIsToldAtOnceTriedAgainAndToldToBeBack() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS)) {
      ClusterLoop loop = loop(installation);
      cluster.stopServer();
      try {
        loop.runDue();
        assertThat(installation.told("team"))
            .containsExactly("raised [Prova] main: logical backup failed");
        assertThat(installation.toldInFull("team"))
            .contains("cannot connect")
            .contains("What to type")
            .contains("prova check")
            .contains("Last lines of the log")
            .contains("backup begins");

        clock.advance(Duration.ofMinutes(9));
        loop.runDue();
        assertThat(begun(installation, "backup")).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
          clock.advance(Duration.ofHours(1));
          loop.runDue();
        }
        assertThat(begun(installation, "backup")).isEqualTo(4);
        assertThat(installation.told("team")).as("no flood").hasSize(1);
      } finally {
        cluster.startServer();
      }
      clock.advance(Duration.ofHours(4));
      loop.runDue();
      assertThat(installation.backups()).hasSize(1);
      assertThat(installation.told("team"))
          .containsExactly(
              "raised [Prova] main: logical backup failed",
              "resolved [Prova] main: logical backup succeeded");
      assertThat(installation.told("administrators")).isEmpty();
    }
  }

  @Test
  void theRunThatNeverStartedIsToldToTheTeamAndThenToTheAdministrators() throws Exception {
    // Every hour, so that the latest due time is never long ago.
    String hourly = DAILY_DUMPS.replace("daily 02:00", "hourly :00");
    try (Installation installation = installation(hourly)) {
      ClusterLoop loop = loop(installation);
      ClusterWatch watch = watch(installation);
      loop.runDue();
      watch.look();
      assertThat(installation.told("team")).isEmpty();

      for (int hour = 1; hour <= 30; hour++) {
        clock.advance(Duration.ofHours(1));
        watch.look();
        if (hour == 2) {
          assertThat(installation.told("team")).as("within the grace of 2 h").isEmpty();
        }
        if (hour == 3) {
          assertThat(installation.told("team"))
              .containsExactly("raised [Prova] main: a logical backup is missing");
        }
        if (hour == 14) {
          assertThat(installation.told("administrators")).isEmpty();
        }
      }
      assertThat(installation.told("team"))
          .as("a reminder a day, not one an hour")
          .hasSize(2)
          .last()
          .asString()
          .startsWith("repeated [Prova] main: a logical backup is missing (time ");
      assertThat(installation.told("administrators").getFirst())
          .isEqualTo("escalated [Prova] main: unsolved: a logical backup is missing");

      loop.runDue();
      watch.look();
      assertThat(installation.told("team").getLast())
          .isEqualTo("resolved [Prova] main: there is a logical backup again");
      assertThat(installation.told("administrators").getLast())
          .isEqualTo("resolved [Prova] main: there is a logical backup again");
    }
  }

  @Test
  void aRepositoryThatGoesAwayIsToldEscalatedAndToldToBeBack() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS)) {
      ClusterWatch watch = watch(installation);
      watch.look();
      Path elsewhere = installation.root().resolve("elsewhere");
      Files.move(installation.repository(), elsewhere);
      watch.look();
      watch.look();
      assertThat(installation.told("team"))
          .containsExactly("raised [Prova] main: the repository cannot be reached");
      clock.advance(Duration.ofHours(15));
      watch(installation).look(); // a restart does not begin the wait anew
      assertThat(installation.told("administrators"))
          .containsExactly("escalated [Prova] main: unsolved: the repository cannot be reached");
      Files.move(elsewhere, installation.repository());
      watch.look();
      assertThat(installation.told("team").getLast())
          .isEqualTo("resolved [Prova] main: the repository can be reached again");
    }
  }

  @Test
  void aJobThatHangsBlindsNobodyAndIsEndedCleanlyWhenWeAreToldToEnd() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS);
        PgSession locker = cluster.session("postgres");
        PgSession observer = cluster.session("postgres")) {
      ClusterLoop loop = loop(installation);
      locker.execute("BEGIN");
      locker.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
      FutureTask<Void> running = new FutureTask<>(loop::run);
      Thread thread = Thread.ofPlatform().start(running);
      while (!observer.yes(
          "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name <> '')")) {
        Thread.sleep(50);
      }
      clock.advance(Duration.ofDays(1));
      watch(installation).look();
      assertThat(installation.told("team"))
          .containsExactly("raised [Prova] main: a logical backup is missing");

      long before = System.nanoTime();
      thread.interrupt();
      assertThatThrownBy(running::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InterruptedException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
      locker.execute("ROLLBACK");

      List<JournalRecord> journal = installation.journal();
      assertThat(journal.getLast().details().toString()).contains("interrupted");
      assertThat(installation.told("team")).as("an end we were told to is no failure").hasSize(1);
      assertThat(installation.backups()).isEmpty();

      ClusterLoop restarted = loop(installation);
      restarted.tellWhatWasCutOff();
      clock.advance(Duration.ofMinutes(10));
      restarted.runDue();
      assertThat(installation.backups()).hasSize(1);
      assertThat(Files.list(installation.repository().resolve("logicos"))).hasSize(1);
    }
  }

  @Test
  void aCrashInTheMiddleOfAJobIsJournaledAndToldByTheNextStart() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS)) {
      Path history = installation.state().resolve("schedule/main.json");
      DurableFiles.createDirectories(history.getParent());
      Files.writeString(
          history,
          """
          {"jobs":{"logical":{"due":"2026-11-22T05:00:00Z","attempts":1,"last_attempt":"2026-11-22T05:00:10Z","outcome":"RUNNING"}}}
          """);
      ClusterLoop loop = loop(installation);
      loop.tellWhatWasCutOff();
      assertThat(installation.journal().stream().map(record -> record.details().toString()))
          .anyMatch(details -> details.contains("cut off") && details.contains("logical"));
      assertThat(installation.told("team"))
          .containsExactly("raised [Prova] main: a logical backup was cut off");
      loop(installation).tellWhatWasCutOff();
      assertThat(installation.told("team")).as("told once").hasSize(1);

      loop.runDue();
      assertThat(installation.backups()).hasSize(1);
      assertThat(installation.told("team").getLast())
          .isEqualTo("resolved [Prova] main: logical backup succeeded");
    }
  }

  @Test
  void aClockThatJumpsMakesNoStormAndSilencesNothing() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS)) {
      ClusterLoop loop = loop(installation);
      loop.runDue();
      Instant right = clock.instant();
      clock.set(right.minus(Duration.ofHours(1)));
      loop.runDue();
      assertThat(installation.backups()).hasSize(1);

      clock.set(right.plus(Duration.ofDays(400)));
      loop.runDue();
      loop.runDue();
      assertThat(installation.backups()).hasSize(2);

      clock.set(right.plus(Duration.ofMinutes(5)));
      loop.runDue();
      loop.runDue();
      assertThat(installation.backups()).as("one, since what that year said is void").hasSize(3);
      clock.advance(Duration.ofDays(1));
      loop.runDue();
      assertThat(installation.backups()).hasSize(4);

      // The backup that is dated 400 days ahead does not hide that none comes any more.
      clock.advance(Duration.ofDays(2));
      watch(installation).look();
      assertThat(installation.told("team"))
          .containsExactly(
              "raised [Prova] main: the backup looks wrong, so nothing older is removed",
              "resolved [Prova] main: the backup looks right again",
              "raised [Prova] main: a logical backup is missing");
    }
  }

  @Test
  void aRestoreTestThatFailsGoesToTheAdministrators() throws Exception {
    try (Installation installation =
        installation(
            """
            logical: {schedule: daily 02:00}
            physical: {schedule: never}
            drill: {schedule: daily 04:00}
            """)) {
      ClusterLoop loop = loop(installation);
      loop.runDue();
      assertThat(log).anyMatch(line -> line.endsWith(": proven"));
      assertThat(installation.told("administrators")).isEmpty();

      Path dump =
          installation
              .repository()
              .resolve("logicos")
              .resolve(installation.backups().getFirst())
              .resolve("postgres.sql");
      byte[] bytes = Files.readAllBytes(dump);
      bytes[bytes.length / 2] ^= 1;
      Files.setPosixFilePermissions(dump, DurableFiles.OWNER_FILE);
      Files.write(dump, bytes);
      clock.set(Instant.parse("2026-11-23T04:59:00Z"));
      installation.configure(
          cluster,
          """
          logical: {schedule: never}
          physical: {schedule: never}
          drill: {schedule: daily 04:00}
          """);
      clock.advance(Duration.ofHours(3));
      loop(installation).runDue();
      assertThat(installation.told("administrators"))
          .containsExactly("raised [Prova] main: the restore test of 2026-11-22_12-00 failed");
      assertThat(installation.told("team")).isEmpty();
    }
  }

  @Test
  void aRestoreTestThatCannotBeDoneIsToldAndTriedAgain() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS)) {
      loop(installation).runDue();
      installation.configure(
          cluster,
          """
          logical: {schedule: never}
          physical: {schedule: never}
          drill: {schedule: daily 04:00, directory: /tmp/prova-test-absent}
          """);
      ClusterLoop loop = loop(installation);
      loop.runDue();
      assertThat(installation.told("administrators"))
          .containsExactly(
              "raised [Prova] main: the restore test of 2026-11-22_12-00 could not be carried out");
      clock.advance(Duration.ofMinutes(10));
      loop.runDue();
      assertThat(begun(installation, "drill")).isEqualTo(2);
      assertThat(installation.told("administrators")).hasSize(1);
    }
  }

  @Test
  void aStateDirectoryThatTakesNothingHindersNoBackup() throws Exception {
    try (Installation installation = installation(DAILY_DUMPS)) {
      ClusterLoop loop = loop(installation);
      DurableFiles.deleteTree(installation.state());
      Files.writeString(installation.state(), "a file where the directory was");
      loop.runDue();
      loop.runDue();
      assertThat(installation.backups()).hasSize(1);
      assertThat(log).anyMatch(line -> line.contains("cannot be written down"));
    }
  }
}
