package io.prova.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.config.ClusterSettings.Job;
import io.prova.config.Schedule;
import io.prova.server.JobHistory.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobHistoryTest {

  private static final Instant NOON = Instant.parse("2026-11-22T15:00:00Z");
  private static final Instant DUE = NOON.minus(Duration.ofHours(10));

  @TempDir Path state;

  private JobHistory open() throws Exception {
    return JobHistory.open(state, "main");
  }

  private static Instant after(Duration duration) {
    return NOON.plus(duration);
  }

  @Test
  void aFailedJobIsTriedAgainEverLaterAtMostEveryFourHours() throws Exception {
    JobHistory history = open();
    List<Long> tries = new ArrayList<>();
    for (Duration at = Duration.ZERO; at.toHours() < 20; at = at.plusMinutes(1)) {
      if (history.isWanted(Job.LOGICAL, DUE, after(at))) {
        history.began(Job.LOGICAL, DUE, after(at));
        history.failed(Job.LOGICAL);
        tries.add(at.toMinutes());
      }
    }
    assertThat(tries).containsExactly(0L, 10L, 30L, 70L, 150L, 310L, 550L, 790L, 1030L);
  }

  @Test
  void aRestartNeitherForgetsNorRepeats() throws Exception {
    JobHistory history = open();
    history.began(Job.PHYSICAL, DUE, NOON);
    history.succeeded(Job.PHYSICAL);
    history.store();
    assertThat(open().isWanted(Job.PHYSICAL, DUE, after(Duration.ofHours(1)))).isFalse();
    assertThat(open().isWanted(Job.LOGICAL, DUE, NOON)).isTrue();
    assertThat(
            open().isWanted(Job.PHYSICAL, after(Duration.ofHours(2)), after(Duration.ofHours(2))))
        .isTrue();
  }

  @Test
  void aJobThatACrashCutOffIsToldOnceAndTriedAgain() throws Exception {
    JobHistory history = open();
    history.began(Job.LOGICAL, DUE, NOON);
    history.store();

    JobHistory afterCrash = open();
    assertThat(afterCrash.cutOff()).containsExactly(Job.LOGICAL);
    assertThat(afterCrash.tried(Job.LOGICAL).outcome()).isEqualTo(Outcome.FAILED);
    assertThat(afterCrash.cutOff()).isEmpty();
    assertThat(afterCrash.isWanted(Job.LOGICAL, DUE, after(Duration.ofMinutes(9)))).isFalse();
    assertThat(afterCrash.isWanted(Job.LOGICAL, DUE, after(Duration.ofMinutes(10)))).isTrue();
  }

  @Test
  void aFileThatACrashHalfWroteIsAsGoodAsNone() throws Exception {
    open();
    Files.writeString(state.resolve("schedule/main.json"), "{\"jobs\":{\"logi");
    assertThat(open().isWanted(Job.LOGICAL, DUE, NOON)).isTrue();
  }

  @Test
  void aClockThatGoesBackAnHourRepeatsNothing() throws Exception {
    JobHistory history = open();
    history.began(Job.LOGICAL, NOON, NOON);
    history.succeeded(Job.LOGICAL);
    for (int minute = -60; minute <= 0; minute++) {
      Instant due = minute < 0 ? NOON.minus(Duration.ofDays(1)) : NOON;
      assertThat(history.isWanted(Job.LOGICAL, due, after(Duration.ofMinutes(minute)))).isFalse();
    }
  }

  @Test
  void aClockThatComesBackFromAWrongYearSilencesNothing() throws Exception {
    JobHistory history = open();
    Instant wrong = Instant.parse("2036-01-01T05:00:00Z");
    history.began(Job.LOGICAL, wrong, wrong);
    history.succeeded(Job.LOGICAL);
    assertThat(history.isWanted(Job.LOGICAL, DUE, NOON)).isTrue();
    history.began(Job.LOGICAL, DUE, NOON);
    history.succeeded(Job.LOGICAL);
    assertThat(history.isWanted(Job.LOGICAL, DUE, after(Duration.ofMinutes(1)))).isFalse();
  }

  /// A year in zones whose clocks jump, with restarts, failures and stretches in which nobody ran:
  /// each due time that was noticed is done once, and none twice.
  @Test
  void eachDueTimeIsDoneOnceWhateverTheClockOnTheWallDoes() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("eachDueTimeIsDoneOnce…: seed " + seed);
    Random random = new Random(seed);
    for (String zoneName :
        List.of("America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe")) {
      ZoneId zone = ZoneId.of(zoneName);
      for (String words : List.of("daily 02:00", "daily 01:30", "hourly :15", "monthly 1 04:00")) {
        Schedule schedule = Schedule.parse(words);
        runFor(zone, schedule, random, zoneName + ", " + words + ", seed " + seed);
      }
    }
  }

  private void runFor(ZoneId zone, Schedule schedule, Random random, String what) throws Exception {
    Files.deleteIfExists(state.resolve("schedule/main.json"));
    JobHistory history = open();
    Set<Instant> done = new HashSet<>();
    Instant end = NOON.plus(Duration.ofDays(366));
    Instant offUntil = NOON;
    for (Instant now = NOON; now.isBefore(end); now = now.plus(Duration.ofMinutes(15))) {
      if (now.isBefore(offUntil)) {
        continue;
      }
      if (random.nextInt(2_000) == 0) {
        offUntil = now.plus(Duration.ofHours(random.nextInt(72)));
        history.store();
        history = open();
        continue;
      }
      Instant due = schedule.previous(now, zone);
      if (history.isWanted(Job.LOGICAL, due, now)) {
        history.began(Job.LOGICAL, due, now);
        if (random.nextInt(10) == 0) {
          history.failed(Job.LOGICAL);
        } else {
          assertThat(done.add(due)).as("%s: %s done twice", what, due).isTrue();
          history.succeeded(Job.LOGICAL);
        }
      } else if (done.contains(due)) {
        assertThat(history.tried(Job.LOGICAL).outcome()).as(what).isEqualTo(Outcome.SUCCEEDED);
      }
    }
    assertThat(done).as(what).isNotEmpty();
  }
}
