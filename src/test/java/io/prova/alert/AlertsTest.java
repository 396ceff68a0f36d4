package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertsTest {

  private static final Instant NIGHT = Instant.parse("2026-11-22T05:00:13Z");
  private static final Message WORKS = Message.message("logical backup works again");
  private static final String KEY = "main/backup/logical";

  @TempDir Path state;

  private final Mailbox team = new Mailbox("email:team@example.com");
  private final Mailbox chat = new Mailbox("webhook:https://chat.example.com#12345678");
  private final Mailbox admins = new Mailbox("email:admins@example.com");
  private final List<DeliveryResult> results = Collections.synchronizedList(new ArrayList<>());

  private Alerts alerts() {
    return alerts(Mailbox.channels(List.of(team, chat), List.of(admins)));
  }

  private Alerts alerts(Channels channels) {
    return new Alerts(
        state,
        channels,
        new Letterhead(Language.ENGLISH, ZoneId.of("America/Sao_Paulo"), "db1"),
        new Redactor(),
        Duration.ofMillis(500),
        results::add);
  }

  private static Incident failure(Instant at) {
    return Mailbox.incident(Audience.TEAM, at);
  }

  private static Instant after(Duration duration) {
    return NIGHT.plus(duration);
  }

  @Test
  void aFailureIsToldToTheTeamAtOnce() throws Exception {
    Alerts alerts = alerts();
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);

    assertThat(team.subjects()).containsExactly("[Prova] main: logical backup failed");
    assertThat(chat.subjects()).containsExactly("[Prova] main: logical backup failed");
    assertThat(admins.received).isEmpty();
    assertThat(alerts.open())
        .containsExactly(
            new Alert(
                KEY,
                "main",
                Severity.ERROR,
                Set.of(Audience.TEAM),
                NIGHT,
                NIGHT,
                1,
                Optional.of("7f3a"),
                "logical backup failed"));
    assertThat(alerts.undelivered()).isEmpty();
    assertThat(results)
        .containsExactlyInAnyOrder(
            new DeliveryResult(KEY, team.id(), 1, Optional.empty(), Optional.empty()),
            new DeliveryResult(KEY, chat.id(), 1, Optional.empty(), Optional.empty()));

    alerts.deliverDue(after(Duration.ofDays(1)));
    assertThat(team.received).hasSize(1);
  }

  @Test
  void eachNewFailureIsToldAgainInTheSameAlert() throws Exception {
    Alerts alerts = alerts();
    for (int day = 0; day < 3; day++) {
      alerts.raise(failure(after(Duration.ofDays(day))), after(Duration.ofDays(day)));
      alerts.raise(
          failure(after(Duration.ofDays(day))),
          after(Duration.ofDays(day))); // told by a caller that tries again
      alerts.deliverDue(after(Duration.ofDays(day)));
    }
    assertThat(team.subjects())
        .containsExactly(
            "[Prova] main: logical backup failed",
            "[Prova] main: logical backup failed (time 2 in a row)",
            "[Prova] main: logical backup failed (time 3 in a row)");
    assertThat(team.received.getLast().body())
        .contains("Failing: 3 times since 2026-11-22 02:00:13 -03:00");
    assertThat(alerts.open()).hasSize(1);
    assertThat(alerts.open().getFirst().times()).isEqualTo(3);
  }

  @Test
  void whatIsTriedAgainAndAgainIsToldOnceADay() throws Exception {
    Alerts alerts = alerts();
    for (Duration at = Duration.ZERO; at.toHours() < 48; at = at.plusHours(4)) {
      alerts.raise(failure(after(at)), after(at));
      alerts.deliverDue(after(at));
    }
    assertThat(team.subjects())
        .containsExactly(
            "[Prova] main: logical backup failed",
            "[Prova] main: logical backup failed (time 6 in a row)",
            "[Prova] main: logical backup failed (time 11 in a row)");
    assertThat(chat.subjects()).isEqualTo(team.subjects());
    assertThat(alerts.open().getFirst().times()).isEqualTo(12);

    alerts.resolve(KEY, WORKS, after(Duration.ofHours(49)));
    alerts.deliverDue(after(Duration.ofHours(49)));
    assertThat(team.subjects()).hasSize(4).last().isEqualTo("[Prova] main: " + WORKS);
  }

  @Test
  void somethingElseThatIsWrongIsToldAtOnce() throws Exception {
    Alerts alerts = alerts();
    alerts.raise(failure(NIGHT), NIGHT);
    Instant soon = after(Duration.ofMinutes(10));
    Incident other =
        new Incident(
            KEY,
            "main",
            Severity.ERROR,
            Audience.ADMINISTRATORS,
            Message.message("logical backup failed"),
            soon,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of());
    alerts.raise(other, soon);
    alerts.deliverDue(soon);
    assertThat(admins.subjects())
        .containsExactly("[Prova] main: logical backup failed (time 2 in a row)");
    assertThat(team.subjects()).isEqualTo(admins.subjects());
  }

  @Test
  void whoHasNotHeardOfItYetHearsTheNewestAndOthersAreLeftInPeace() throws Exception {
    Alerts alerts = alerts();
    team.down();
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    alerts.raise(failure(after(Duration.ofMinutes(10))), after(Duration.ofMinutes(10)));
    team.up();
    alerts.deliverDue(after(Duration.ofMinutes(10)));
    alerts.deliverDue(after(Duration.ofMinutes(30)));
    assertThat(team.subjects())
        .containsExactly("[Prova] main: logical backup failed (time 2 in a row)");
    assertThat(chat.subjects()).containsExactly("[Prova] main: logical backup failed");

    alerts.raise(failure(after(Duration.ofMinutes(40))), after(Duration.ofMinutes(40)));
    alerts.deliverDue(after(Duration.ofMinutes(40)));
    assertThat(team.received).hasSize(1);
  }

  @Test
  void whatCannotBeSentIsTriedAgainEverLaterAndVisibleMeanwhile() throws Exception {
    team.down();
    Alerts alerts = alerts();
    alerts.raise(failure(NIGHT), NIGHT);

    List<Duration> attempts = new ArrayList<>();
    for (Duration at = Duration.ZERO; at.toHours() < 6; at = at.plusMinutes(1)) {
      int before = results.size();
      alerts.deliverDue(after(at));
      if (results.size() > before) {
        attempts.add(at);
      }
    }
    assertThat(attempts.stream().map(Duration::toMinutes))
        .containsExactly(0L, 1L, 3L, 7L, 15L, 31L, 63L, 123L, 183L, 243L, 303L);
    assertThat(chat.received).hasSize(1);
    assertThat(alerts.undelivered())
        .containsExactly(
            new Undelivered(
                KEY,
                "[Prova] main: logical backup failed",
                team.id(),
                11,
                Optional.of("email:team@example.com is down"),
                Optional.of(after(Duration.ofMinutes(363)))));
    assertThat(results.getLast())
        .isEqualTo(
            new DeliveryResult(
                KEY,
                team.id(),
                11,
                Optional.of(Message.message("{0} is down", team.id())),
                Optional.of(after(Duration.ofMinutes(363)))));

    team.up();
    alerts.deliverDue(after(Duration.ofMinutes(363)));
    assertThat(team.received).hasSize(1);
    assertThat(alerts.undelivered()).isEmpty();
    assertThat(alerts.open()).hasSize(1);
  }

  @Test
  void aServerThatComesBackDeliversTheNewestStateOnly() throws Exception {
    team.down();
    Alerts alerts = alerts();
    for (int day = 0; day < 5; day++) {
      alerts.raise(failure(after(Duration.ofDays(day))), after(Duration.ofDays(day)));
      alerts.deliverDue(after(Duration.ofDays(day)));
    }
    assertThat(alerts.undelivered()).hasSize(1);
    team.up();
    alerts.deliverDue(after(Duration.ofDays(5)));
    assertThat(team.subjects())
        .containsExactly("[Prova] main: logical backup failed (time 5 in a row)");
    assertThat(chat.received).hasSize(5);
  }

  @Test
  void backToGreenIsToldOnceToThoseWhoHeardOfTheFailure() throws Exception {
    Alerts alerts = alerts();
    alerts.resolve(KEY, WORKS, NIGHT);
    alerts.deliverDue(NIGHT);
    assertThat(team.received).isEmpty();

    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    for (int day = 1; day < 4; day++) {
      alerts.resolve(KEY, WORKS, after(Duration.ofDays(day)));
      alerts.deliverDue(after(Duration.ofDays(day)));
    }
    assertThat(team.subjects())
        .containsExactly(
            "[Prova] main: logical backup failed", "[Prova] main: logical backup works again");
    assertThat(team.received.getLast().body())
        .isEqualTo(
            """
            logical backup works again

            Cluster: main, on db1
            When: 2026-11-23 02:00:13 -03:00 (America/Sao_Paulo)

            It had failed 1 time since 2026-11-22 02:00:13 -03:00; the last time: logical backup failed.
            There is nothing to do.
            """);
    assertThat(admins.received).isEmpty();
    assertThat(alerts.open()).isEmpty();
    assertThat(files()).isEmpty();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(state.resolve("alerts"))) {
      return files.filter(file -> file.toString().endsWith(".json")).toList();
    }
  }

  @Test
  void whoNeverHeardOfTheFailureHearsOnlyThatItIsOver() throws Exception {
    team.down();
    Alerts alerts = alerts();
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    alerts.resolve(KEY, WORKS, after(Duration.ofHours(1)));
    assertThat(alerts.open()).isEmpty();
    assertThat(alerts.undelivered()).hasSize(2);
    alerts.deliverDue(after(Duration.ofHours(1)));
    team.up();
    alerts.deliverDue(after(Duration.ofHours(2)));
    assertThat(team.subjects()).containsExactly("[Prova] main: logical backup works again");
    assertThat(chat.received).hasSize(2);
    assertThat(files()).isEmpty();
  }

  @Test
  void aFailureAfterBackToGreenIsANewAlert() throws Exception {
    Alerts alerts = alerts();
    team.down();
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.resolve(KEY, WORKS, after(Duration.ofHours(1)));
    alerts.raise(failure(after(Duration.ofHours(2))), after(Duration.ofHours(2)));
    team.up();
    alerts.deliverDue(after(Duration.ofHours(2)));
    assertThat(team.subjects()).containsExactly("[Prova] main: logical backup failed");
    assertThat(alerts.open().getFirst().times()).isEqualTo(1);
  }

  @Test
  void anAlertSurvivesACrashBeforeItIsSent() throws Exception {
    alerts().raise(failure(NIGHT), NIGHT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst())))
        .isEqualTo("rw-------");

    Alerts afterRestart = alerts();
    assertThat(afterRestart.open()).hasSize(1);
    assertThat(afterRestart.undelivered()).hasSize(2);
    afterRestart.deliverDue(after(Duration.ofHours(5)));
    assertThat(team.received).hasSize(1);
    assertThat(alerts().undelivered()).isEmpty();
  }

  @Test
  void whatTheTeamLeavesUnsolvedGoesToTheAdministratorsOnce() throws Exception {
    Alerts alerts = alerts();
    alerts.escalate(KEY, NIGHT);
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    alerts.escalate(KEY, after(Duration.ofHours(12)));
    alerts.escalate(KEY, after(Duration.ofHours(13)));
    alerts.deliverDue(after(Duration.ofHours(13)));
    assertThat(admins.subjects()).containsExactly("[Prova] main: unsolved: logical backup failed");
    assertThat(admins.received.getFirst().body())
        .startsWith("The backup team has known this since 2026-11-22 02:00:13 -03:00")
        .contains("pg_dump ended with exit code 1");
    assertThat(team.received).hasSize(1);
    assertThat(alerts.open().getFirst().isEscalated()).isTrue();

    alerts.raise(failure(after(Duration.ofDays(1))), after(Duration.ofDays(1)));
    alerts.resolve(KEY, WORKS, after(Duration.ofDays(2)));
    alerts.deliverDue(after(Duration.ofDays(2)));
    assertThat(admins.subjects())
        .containsExactly(
            "[Prova] main: unsolved: logical backup failed",
            "[Prova] main: logical backup works again");
    assertThat(team.received).hasSize(2);
  }

  @Test
  void anAudienceWithoutRecipientsIsServedByTheOther() throws Exception {
    Alerts alerts = alerts(Mailbox.channels(List.of(team), List.of()));
    alerts.raise(Mailbox.incident(Audience.ADMINISTRATORS, NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    assertThat(team.received).hasSize(1);
  }

  @Test
  void withNobodyToTellTheAlertIsStillVisible() throws Exception {
    Alerts alerts = alerts(Mailbox.channels(List.of(), List.of()));
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    assertThat(alerts.open()).hasSize(1);
    alerts.resolve(KEY, WORKS, NIGHT);
    assertThat(alerts.open()).isEmpty();
    assertThat(files()).isEmpty();
  }

  @Test
  void afterAWeekItIsGivenUpButNotForgotten() throws Exception {
    team.down();
    Alerts alerts = alerts();
    alerts.raise(failure(NIGHT), NIGHT);
    for (int hour = 0; hour < 24 * 8; hour++) {
      alerts.deliverDue(after(Duration.ofHours(hour)));
    }
    assertThat(results.getLast().nextAttempt()).isEmpty();
    assertThat(results.getLast().isDelivered()).isFalse();
    assertThat(alerts.open()).hasSize(1);
    assertThat(alerts.undelivered())
        .singleElement()
        .satisfies(lost -> assertThat(lost.nextAttempt()).isEmpty());
  }

  @Test
  void aClockThatWasWrongDoesNotSilenceAnAlert() throws Exception {
    team.down();
    Alerts alerts = alerts();
    Instant wrong = after(Duration.ofDays(400));
    alerts.raise(failure(wrong), wrong);
    alerts.deliverDue(wrong);
    team.up();
    alerts.deliverDue(NIGHT);
    assertThat(team.received).hasSize(1);
  }

  @Test
  void aServerThatHangsDelaysNobodyElseAndIsLeftAfterTheLimit() throws Exception {
    Channel hanging =
        new Channel() {
          @Override
          public String id() {
            return "webhook:https://slow.example.com#00000000";
          }

          @Override
          public void send(Announcement announcement, Instant now) throws InterruptedException {
            Thread.sleep(Duration.ofMinutes(5));
          }
        };
    Alerts alerts = alerts(Mailbox.channels(List.of(hanging, team), List.of()));
    alerts.raise(failure(NIGHT), NIGHT);
    long began = System.nanoTime();
    alerts.deliverDue(NIGHT);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    assertThat(team.received).hasSize(1);
    assertThat(results)
        .extracting(DeliveryResult::channel)
        .containsExactly(team.id(), hanging.id());
    assertThat(results.getLast().problem().orElseThrow()).hasToString("not done after 0.5 s");
  }

  @Test
  void aBugInOneChannelDoesNotSilenceTheOthers() throws Exception {
    Channel buggy =
        new Channel() {
          @Override
          public String id() {
            return "command:bug#00000000";
          }

          @Override
          public void send(Announcement announcement, Instant now) {
            throw new IllegalStateException("with a secret");
          }
        };
    Alerts alerts = alerts(Mailbox.channels(List.of(buggy, team), List.of()));
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    assertThat(team.received).hasSize(1);
    assertThat(alerts.undelivered().getFirst().lastError())
        .contains("failed with java.lang.IllegalStateException");
  }

  @Test
  void aRecipientThatWasTakenOutOfTheConfigurationIsShown() throws Exception {
    alerts().raise(failure(NIGHT), NIGHT);
    Alerts without = alerts(Mailbox.channels(List.of(team), List.of()));
    without.deliverDue(NIGHT);
    assertThat(team.received).hasSize(1);
    assertThat(without.undelivered())
        .singleElement()
        .satisfies(lost -> {
          assertThat(lost.channel()).isEqualTo(chat.id());
          assertThat(lost.lastError()).contains("no longer in the configuration");
        });
  }

  @Test
  void aDiskThatTakesNothingDoesNotKeepAnAlertFromBeingTold() throws Exception {
    Files.writeString(state.resolve("alerts"), "no directory");
    Alerts alerts = alerts();
    alerts.raise(failure(NIGHT), NIGHT);
    assertThat(alerts.open()).extracting(Alert::key).contains(KEY);
    alerts.deliverDue(NIGHT);
    alerts.deliverDue(NIGHT);
    assertThat(team.received).hasSize(1);

    Files.delete(state.resolve("alerts"));
    alerts.raise(failure(after(Duration.ofDays(1))), after(Duration.ofDays(1)));
    assertThat(files()).hasSize(1);
    assertThat(alerts().open().getFirst().times()).isEqualTo(2);
  }

  @Test
  void aProcessThatHangsWithTheLockDoesNotKeepAnAlertFromBeingTold() throws Exception {
    Alerts alerts = alerts();
    Files.createDirectories(state.resolve("alerts"));
    try (FileLock lock =
        FileLock.tryExclusive(state.resolve("alerts/alerts.lock"), "hangs").orElseThrow()) {
      assertThat(lock).isNotNull();
      alerts.raise(failure(NIGHT), NIGHT);
    }
    alerts.deliverDue(NIGHT);
    assertThat(team.received).hasSize(1);
  }

  @Test
  void aFileThatCannotBeReadIsAnAlertOfItsOwn() throws Exception {
    Alerts alerts = alerts();
    alerts.raise(failure(NIGHT), NIGHT);
    Path file = files().getFirst();
    Files.writeString(file, Files.readString(file).substring(20));
    assertThat(alerts.open())
        .singleElement()
        .satisfies(alert -> assertThat(alert.what()).startsWith("an alert cannot be read: "));
    alerts.deliverDue(NIGHT);
    alerts.raise(failure(NIGHT), NIGHT);
    alerts.deliverDue(NIGHT);
    assertThat(team.received).hasSize(1);
  }

  @Test
  void twoProcessesThatDeliverAtOnceTellEachThingOnce() throws Exception {
    alerts().raise(failure(NIGHT), NIGHT);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Alerts alerts = alerts();
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  alerts.deliverDue(NIGHT);
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(team.received).hasSize(1);
    assertThat(chat.received).hasSize(1);
  }

  @Test
  void aTestAlertSaysForEachRecipientHowItWent() throws Exception {
    chat.down();
    Alerts alerts = alerts();
    assertThat(alerts.sendTest(NIGHT))
        .containsExactlyInAnyOrder(
            new DeliveryResult("test", team.id(), 1, Optional.empty(), Optional.empty()),
            new DeliveryResult(
                "test",
                chat.id(),
                1,
                Optional.of(Message.message("{0} is down", chat.id())),
                Optional.empty()),
            new DeliveryResult("test", admins.id(), 1, Optional.empty(), Optional.empty()));
    assertThat(team.subjects()).containsExactly("[Prova] test alert from db1");
    assertThat(alerts.open()).isEmpty();
    assertThat(alerts.undelivered()).isEmpty();
  }
}
