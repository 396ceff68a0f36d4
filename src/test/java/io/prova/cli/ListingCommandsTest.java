package io.prova.cli;

import static io.prova.testing.BackupBuilder.backup;
import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Language;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Label;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.ProofRecord;
import io.prova.catalog.Repository;
import io.prova.testing.BackupBuilder;
import io.prova.testing.CommandRun;
import io.prova.testing.FileTree;
import io.prova.testing.ScratchPlan;
import java.nio.file.Files;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the commands say of a repository, word by word, without any server.
class ListingCommandsTest {

  private static final ZoneId ZONE = ZoneId.of("America/Sao_Paulo");
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private ScratchPlan plan;
  private Repository repository;

  @BeforeEach
  void makeBackups() throws Exception {
    plan = ScratchPlan.withoutServer();
    repository = Repository.create(plan.repository(), "main", BackupBuilder.SYSTEM, ZONE, NOW);
    publish(BackupKind.LOGICAL, "2026-10-10T05:00:00Z", 1);
    publish(BackupKind.LOGICAL, "2026-11-20T05:00:00Z", 2);
    publish(BackupKind.PHYSICAL, "2026-11-22T06:00:00Z", 3, "the cluster has 0 rows");
    prove("2026-11-20_02-00", Optional.of(ProofLevel.PROVEN));
  }

  @AfterEach
  void removeThem() throws Exception {
    plan.close();
  }

  private void publish(BackupKind kind, String started, long sequence, String... anomalies)
      throws Exception {
    backup()
        .kind(kind)
        .zone(ZONE)
        .started(Instant.parse(started))
        .sequence(sequence)
        .anomalies(anomalies)
        .publishIn(repository);
  }

  private void prove(String label, Optional<ProofLevel> reached) throws Exception {
    Backup backup = repository.catalog().require(new Label(label)).backup();
    repository
        .catalog()
        .addProof(
            new ProofRecord(
                CheckedJson.FORMAT,
                backup.label(),
                backup.id(),
                NOW,
                "test",
                "drill",
                reached,
                List.of(),
                Optional.empty()));
  }

  private CommandRun.Result prova(String... arguments) throws Exception {
    return plan.prova().at(() -> NOW).run(arguments);
  }

  @Test
  void listShowsKindSizeAgeProofAndHowLongAndWhyEachIsKept() throws Exception {
    CommandRun.Result list = prova("list");
    assertThat(list.error()).isEmpty();
    assertThat(list.out())
        .isEqualTo(
            """
            LABEL             KIND      SIZE  TOOK       AGE        PROOF                 KEPT
            2026-10-10_02-00  logical   10 B  1 min 0 s  43 d 7 h   stored                backup 2026-11-22_03-00 looks wrong (the cluster has 0 rows); when it is right: prova accept 2026-11-22_03-00
            2026-11-20_02-00  logical   10 B  1 min 0 s  2 d 7 h    proven                until 2026-12-20; the newest proven one
            2026-11-22_03-00  physical  10 B  1 min 0 s  6 h 0 min  stored (looks wrong)  until 2026-12-22; the newest undamaged one; none is verified
            """);
    prova("accept", "2026-11-22_03-00", "--why", "moved away");
    assertThat(prova("list").out())
        .contains(
            """
            2026-10-10_02-00  logical   10 B  1 min 0 s  43 d 7 h   stored  goes with the next expiry
            """);
  }

  @Test
  void listInJsonTellsTheSameAndItsDoubts() throws Exception {
    Files.createDirectory(plan.repository().resolve("logicos/2026-11-21_02-00"));
    CommandRun.Result list = prova("list", "--json");
    assertThat(list.error()).isEmpty();
    var result = list.json("prova.list.v1").path("result");
    assertThat(result.path("backups").size()).isEqualTo(3);
    assertThat(result.path("backups").get(1).path("proof").asString()).isEqualTo("proven");
    assertThat(result.path("backups").get(1).path("kept_because").get(1).asString())
        .isEqualTo("the newest of its kind");
    assertThat(result.path("doubts").get(0).asString())
        .endsWith("2026-11-21_02-00 has no backup.json, so it is not a backup (any more)");
  }

  @Test
  void showTellsEverythingAboutOneBackup() throws Exception {
    assertThat(prova("show", "2026-11-20_02-00").out())
        .isEqualTo(
            """
            logical backup 2026-11-20_02-00
              data of         2026-11-20 02:00:00 -03:00
              taken           2026-11-20 02:00:00 -03:00 to 2026-11-20 02:01:00 -03:00
              size            10 B, 1 file
              server          PostgreSQL 15.20, db1:5432
              where           %s/logicos/2026-11-20_02-00
              proof           proven
              tested          2026-11-22 09:00:00 -03:00
              kept            until 2026-12-20; the newest proven one
              because         younger than 30 days
              because         the newest of its kind
              because         the newest proven one
            """
                .formatted(plan.repository()));
  }

  @Test
  void pinsAreShownAndTakenBack() throws Exception {
    assertThat(prova("pin", "2026-10-10_02-00", "--why", "audit").out())
        .isEqualTo("2026-10-10_02-00 is pinned\n");
    assertThat(prova("list").out())
        .containsPattern("2026-10-10_02-00 .*pinned by [a-z0-9]+: audit\n");
    CommandRun.Result again = prova("pin", "2026-10-10_02-00", "--why", "audit");
    assertThat(again.exitCode()).isEqualTo(64);
    assertThat(again.error())
        .isEqualTo(
            """
            error: 2026-10-10_02-00 is pinned already
              prova show 2026-10-10_02-00 says by whom and why.
            """);
    assertThat(prova("unpin", "2026-10-10_02-00").out())
        .isEqualTo("2026-10-10_02-00 is unpinned\n");
    assertThat(prova("unpin", "2026-10-10_02-00").error())
        .isEqualTo("error: 2026-10-10_02-00 is not pinned\n");
  }

  @Test
  void whatLooksWrongCanBeAcceptedOnce() throws Exception {
    assertThat(prova("accept", "2026-11-22_03-00", "--why", "moved away").out())
        .isEqualTo("2026-11-22_03-00 is accepted; retention goes on\n");
    assertThat(prova("list").out()).doesNotContain("looks wrong");
    assertThat(prova("accept", "2026-11-22_03-00", "--why", "again").exitCode()).isEqualTo(64);
    assertThat(prova("accept", "2026-11-20_02-00", "--why", "-").error())
        .isEqualTo("error: nothing about 2026-11-20_02-00 looks wrong\n");
  }

  @Test
  void theTrashIsListedAndABackupComesBackFromIt() throws Exception {
    Map<String, String> before =
        FileTree.of(plan.repository().resolve("logicos/2026-10-10_02-00")).files();
    repository
        .trash()
        .put(
            repository.catalog().require(new Label("2026-10-10_02-00")).backup(),
            NOW,
            "test",
            "no retention rule keeps it");
    assertThat(prova("list", "--trash").out())
        .isEqualTo(
            """
            LABEL             KIND     TRASHED     REMOVED FOR GOOD
            2026-10-10_02-00  logical  2026-11-22  2026-11-25
            """);
    assertThat(prova("undelete", "2026-10-10_02-00").out()).isEqualTo("2026-10-10_02-00 is back\n");
    assertThat(FileTree.of(plan.repository().resolve("logicos/2026-10-10_02-00")).files())
        .isEqualTo(before);
    assertThat(prova("list", "--trash").out()).isEqualTo("the trash is empty\n");
    assertThat(prova("undelete", "2026-10-10_02-00").exitCode()).isEqualTo(17);
  }

  @Test
  void statusSpeaksToNagios() throws Exception {
    CommandRun.Result status = prova("status");
    assertThat(status.exitCode()).isEqualTo(2);
    assertThat(status.out().lines().findFirst().orElseThrow())
        .isEqualTo(
            "PROVA CRITICAL - no logical backup since it was due at 2026-11-21 02:00:00 -03:00; backup 2026-11-22_03-00 looks wrong: the cluster has 0 rows");
    assertThat(status.out()).contains("  last proof: 2026-11-20_02-00, tested 0.0 s ago\n");
  }

  @Test
  void whenNobodyLooksSuccessIsSilentAndTroubleIsNot() throws Exception {
    CommandRun unattended = plan.prova().at(() -> NOW).without("TERM");
    CommandRun.Result pin = unattended.run("pin", "2026-10-10_02-00", "--why", "audit");
    assertThat(pin.out() + pin.error()).isEmpty();
    assertThat(pin.exitCode()).isZero();
    assertThat(unattended.run("pin", "2026-10-10_02-00", "--why", "audit").error())
        .contains("is pinned already");
    assertThat(unattended.run("list").out()).contains("2026-10-10_02-00");
    CommandRun.Result quiet = prova("unpin", "2026-10-10_02-00", "--quiet");
    assertThat(quiet.out() + quiet.error()).isEmpty();
  }

  @Test
  void theSameIsSaidInPortuguese() throws Exception {
    CommandRun.Result list = plan.prova().at(() -> NOW).speaking(Language.PORTUGUESE).run("list");
    assertThat(list.exitCode()).isZero();
    assertThat(list.out()).contains("2026-11-20_02-00").contains("2026-12-20");
  }

  /// A mistake in the configuration stops everything before anything is touched.
  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '~',
      value = {
        "retention: {keep_day: 3} => unknown key; did you mean \"keep_days\"?",
        "retenton: {keep_days: 3} => unknown key; did you mean \"retention\"?",
        "retention: {keep_days: 0} => keeps nothing; at least one rule must be above 0",
        "retention: {keep_days: -1} => expected a number from 0 to 36500, found \"-1\"",
        "retention: {keep_days: 30d} => expected a number from 0 to 36500, found \"30d\"",
        "retention: {keep_days: 1.5} => expected a number from 0 to 36500, found \"1.5\"",
        "retention: {undo_window: 3 dozen} => \"3 dozen\"",
        "retention: {undo_window: 3} => \"3\"",
        "retention: {physical: {monthly: many}} => expected a number from 0 to 36500, found \"many\"",
        "retention: [30] => expected",
      })
  void aMistakeInTheRetentionRemovesNothing(String line, String told) throws Exception {
    plan.reconfigure("retention", line);
    Map<String, String> before = FileTree.of(plan.root()).files();
    for (String[] command :
        new String[][] {{"expire"}, {"backup"}, {"serve"}, {"config", "check"}}) {
      CommandRun.Result result = prova(command);
      assertThat(result.exitCode()).isEqualTo(10);
      assertThat(result.out()).isEmpty();
      assertThat(result.error())
          .contains(plan.configFile() + ":5: " + line.replaceFirst("[: ].*", ""))
          .contains(told);
    }
    assertThat(FileTree.of(plan.root()).files()).isEqualTo(before);
  }

  @Test
  void configShowHidesSecretsAndSaysWhereEachValueIsFrom() throws Exception {
    plan.reconfigure(
        "connection", "connection: \"host=db1 user=prova password=canary-8131 dbname=postgres\"");
    CommandRun.Result show = prova("config", "show");
    assertThat(show.out()).doesNotContain("canary-8131");
    assertThat(show.out())
        .containsPattern("repository +" + plan.repository() + " +.*prova.yaml:2")
        .containsPattern("retention.logical.keep_days +30 +default");
    CommandRun.Result json = prova("config", "show", "--json");
    assertThat(json.out()).doesNotContain("canary-8131");
    assertThat(json.json("prova.config.v1").path("result").size()).isGreaterThan(30);
    assertThat(prova("config", "check").out())
        .isEqualTo("the configuration is right (" + plan.configFile() + "), 1 cluster\n");
  }
}
