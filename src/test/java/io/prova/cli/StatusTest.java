package io.prova.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.app.Wiring;
import io.prova.base.Json;
import io.prova.catalog.Backup;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Listing;
import io.prova.catalog.ProofRecord;
import io.prova.catalog.Repository;
import io.prova.testing.Installation;
import io.prova.testing.Installation.Answer;
import io.prova.testing.PgCluster;
import io.prova.testing.SteppingClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What a monitor sees: 0, 1, 2 or 3, a line, and never green for what nobody has looked at.
class StatusTest {

  private static final String DUMPS =
      """
      logical: {schedule: daily 02:00}
      physical: {schedule: never}
      drill: {schedule: monthly 1 04:00}
      """;

  private static PgCluster cluster;

  private final SteppingClock clock = new SteppingClock(Instant.parse("2026-11-22T15:00:00Z"));

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  private Installation installation() throws Exception {
    return Installation.of(cluster, DUMPS, clock);
  }

  private static void assertStatus(Installation installation, int code, String word, String what)
      throws Exception {
    Answer answer = installation.run("status");
    assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(code);
    assertThat(answer.firstLine()).startsWith("PROVA " + word + " - ").contains(what);
  }

  private static Repository repository(Installation installation) throws Exception {
    Wiring wiring = installation.wiring();
    return wiring.cluster(Optional.empty()).repository();
  }

  @Test
  void fromNothingToProvenToOldToDamaged() throws Exception {
    try (Installation installation = installation()) {
      assertStatus(installation, 1, "WARNING", "there is no backup yet");

      assertThat(installation.run("backup", "--logical").exitCode()).isZero();
      assertStatus(installation, 1, "WARNING", "no backup has been proven by a restore test yet");

      assertThat(installation.run("drill").exitCode()).isZero();
      assertStatus(installation, 0, "OK", "all backups are in order");
      JsonNode json = Json.LINE.readTree(installation.run("status", "--json").out());
      assertThat(json.path("schema").asString()).isEqualTo("prova.status.v1");
      assertThat(json.path("result").path("level").asString()).isEqualTo("ok");
      assertThat(json.path("result").path("last_logical").path("label").asString())
          .isEqualTo("2026-11-22_12-00");

      clock.set(Instant.parse("2026-11-23T06:59:00Z"));
      assertStatus(installation, 0, "OK", "");
      clock.advance(Duration.ofMinutes(2)); // 02:00 and the grace of two hours are over
      assertStatus(installation, 2, "CRITICAL", "no logical backup since it was due at 2026-11-23");
      clock.advance(Duration.ofDays(9));
      assertStatus(installation, 2, "CRITICAL", "no logical backup since it was due at 2026-11-23");

      assertThat(installation.run("backup", "--logical").exitCode()).isZero();
      assertStatus(installation, 0, "OK", "");
      clock.set(Instant.parse("2027-01-05T15:00:00Z"));
      assertThat(installation.run("backup", "--logical").exitCode()).isZero();
      assertStatus(installation, 1, "WARNING", "the last successful restore test was");

      clock.advance(Duration.ofMinutes(1));
      Listing listing = repository(installation).catalog().list();
      Backup newest = listing.entries().getLast().backup();
      repository(installation)
          .catalog()
          .addProof(
              new ProofRecord(
                  CheckedJson.FORMAT,
                  newest.label(),
                  newest.id(),
                  clock.instant(),
                  "test",
                  "verify",
                  Optional.empty(),
                  List.of(),
                  Optional.empty()));
      assertStatus(installation, 2, "CRITICAL", "failed its test");
    }
  }

  @Test
  void aBackupFromTheFutureIsShownAndHidesNothing() throws Exception {
    try (Installation installation = installation()) {
      clock.advance(Duration.ofDays(400));
      installation.run("backup", "--logical");
      clock.advance(Duration.ofDays(-400));
      assertStatus(installation, 1, "WARNING", "is dated ahead of this machine's clock");
      clock.advance(Duration.ofDays(2));
      assertStatus(installation, 2, "CRITICAL", "no logical backup since it was due at");
    }
  }

  @Test
  void whatNobodyHasBeenToldIsVisible() throws Exception {
    try (Installation installation = installation()) {
      installation.run("backup", "--logical");
      installation.run("drill");
      Files.writeString(
          installation.root().resolve("tell.sh"), "echo the line is dead >&2; exit 3");
      cluster.stopServer();
      try {
        assertThat(installation.run("backup", "--logical").exitCode()).isEqualTo(11);
      } finally {
        cluster.startServer();
      }
      assertStatus(installation, 2, "CRITICAL", "open alert since");
      Answer answer = installation.run("status");
      assertThat(answer.firstLine())
          .contains("logical backup failed")
          .contains("an alert could not be sent by command:sh#")
          .contains("the line is dead");
      assertThat(answer.out())
          .contains("not sent: [Prova] main: logical backup failed by command:");
      JsonNode json = Json.LINE.readTree(installation.run("status", "--json").out());
      assertThat(json.path("result").path("undelivered")).hasSize(1);
      assertThat(installation.journal().toString()).contains("the line is dead");
    }
  }

  @Test
  void anAlertThatCannotBeReadIsNotPassedOver() throws Exception {
    try (Installation installation = installation()) {
      installation.run("backup", "--logical");
      installation.run("drill");
      Path alerts = Files.createDirectories(installation.state().resolve("alerts"));
      Files.writeString(alerts.resolve("main-backup.json"), "{\"torn");
      assertStatus(installation, 1, "WARNING", "an alert cannot be read");
    }
  }

  @Test
  void aRepositoryThatIsNotThereIsCritical() throws Exception {
    try (Installation installation = installation()) {
      Files.move(installation.repository(), installation.root().resolve("elsewhere"));
      assertStatus(installation, 2, "CRITICAL", "does not exist");
      Files.createDirectory(
          installation.repository()); // the mount point of a disk that is not mounted
      assertStatus(installation, 2, "CRITICAL", "is not a repository");
    }
  }

  @Test
  void whatCannotBeLookedAtIsUnknown() throws Exception {
    try (Installation installation = installation()) {
      installation.write("logicall: {}\n");
      assertStatus(installation, 3, "UNKNOWN", "logicall");
      JsonNode json = Json.LINE.readTree(installation.run("status", "--json").out());
      assertThat(json.path("schema").asString()).isEqualTo("prova.error.v1");
      assertThat(installation.run("status", "--json").exitCode()).isEqualTo(3);
    }
  }
}
