package io.prova.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Json;
import io.prova.catalog.BackupFiles;
import io.prova.damage.DamagedRepositories.Stored;
import io.prova.testing.ProvaCli.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Whatever is damaged in a repository is noticed by every command that would rely on it, named,
/// and never shown as good again. Nothing is restored from it.
class PlantedDamageTest {

  private static final int DAMAGED = 30;

  private static final int REPOSITORY = 13;
  private static final int CLUSTER_MISMATCH = 16;
  private static final int DRILL_FAILED = 40;
  private static final int CRITICAL = 2;

  private static DamagedRepositories repositories;
  private static final Map<Stored, Integer> CAUGHT = new EnumMap<>(Stored.class);
  private static final List<String> CAUGHT_RECORDS = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    repositories = new DamagedRepositories();
  }

  @AfterAll
  static void stop() throws Exception {
    System.out.println(
        "planted damage, each caught by verify, restore, drill, list, status: "
            + CAUGHT
            + "; to records: "
            + CAUGHT_RECORDS.size());
    repositories.close();
  }

  @FunctionalInterface
  interface Planting {
    void plant(DamagedBackup backup) throws IOException, InterruptedException;
  }

  private static Arguments damage(String what, Stored stored, String named, Planting planting) {
    return Arguments.of(what, stored, named, planting);
  }

  static Stream<Arguments> damageToFiles() {
    List<Arguments> all = new ArrayList<>();
    Map<Stored, String> dumps =
        Map.of(
            Stored.PLAIN, "shop.sql",
            Stored.ZSTD, "shop.sql.zst",
            Stored.GZIP, "shop.sql.gz",
            Stored.CUSTOM, "shop.dump",
            Stored.DIRECTORY, "shop.dir/toc.dat");
    dumps.forEach((stored, dump) -> {
      all.add(damage("a bit of the dump flipped", stored, dump, b -> b.flipBit(b.file(dump))));
      all.add(damage("the dump cut to 95 %", stored, dump, b -> b.truncate(b.file(dump), 0.95)));
    });
    all.addAll(
        List.of(
            damage(
                "the dump cut to 25 %",
                Stored.PLAIN, "shop.sql", b -> b.truncate(b.file("shop.sql"), 0.25)),
            damage(
                "the dump cut to 50 %",
                Stored.PLAIN, "shop.sql", b -> b.truncate(b.file("shop.sql"), 0.5)),
            damage(
                "the dump's last byte gone",
                Stored.PLAIN,
                "shop.sql",
                b -> b.cutTo(b.file("shop.sql"), (int) Files.size(b.file("shop.sql")) - 1)),
            damage(
                "the dump emptied", Stored.PLAIN, "shop.sql", b -> b.cutTo(b.file("shop.sql"), 0)),
            damage(
                "a byte appended to the dump",
                Stored.PLAIN,
                "shop.sql",
                b -> b.append(b.file("shop.sql"), "\n")),
            damage("the dump missing", Stored.PLAIN, "shop.sql", b -> b.delete(b.file("shop.sql"))),
            damage(
                "a data file of a directory dump missing",
                Stored.DIRECTORY,
                ".dat.gz",
                b -> b.delete(b.theOnly("logicos/" + b.label() + "/shop.dir", ".dat.gz"))),
            damage(
                "the whole directory dump missing",
                Stored.DIRECTORY,
                "shop.dir",
                b -> b.delete(b.file("shop.dir"))),
            damage(
                "two dumps swapped",
                Stored.PLAIN,
                "staff.sql",
                b -> b.swap(b.file("shop.sql"), b.file("staff.sql"))),
            damage(
                "the dump of another backup, of the same size",
                Stored.PLAIN,
                "shop.sql",
                PlantedDamageTest::takeOlderDump),
            damage(
                "a 4 KiB block of the dump zeroed",
                Stored.PLAIN,
                "shop.sql",
                b -> b.zeroBlock(b.file("shop.sql"))),
            damage(
                "the dump's end marker gone",
                Stored.PLAIN,
                "shop.sql",
                b ->
                    b.edit(
                        b.file("shop.sql"),
                        text -> text.replace("-- PostgreSQL database dump complete", ""))),
            damage(
                "a row of the dump changed",
                Stored.PLAIN,
                "shop.sql",
                b ->
                    b.edit(
                        b.file("shop.sql"),
                        text -> text.replace("customer 77\n", "customer 78\n"))),
            damage(
                "a link in place of the dump",
                Stored.PLAIN,
                "shop.sql",
                PlantedDamageTest::linkDumpOutside),
            damage(
                "a link in place of a dump's directory",
                Stored.DIRECTORY,
                "shop.dir",
                PlantedDamageTest::linkDirectoryOutside),
            damage(
                "a foreign file",
                Stored.PLAIN,
                "notes.txt",
                b -> Files.writeString(b.file("notes.txt"), "mine")),
            damage(
                "a foreign directory",
                Stored.PLAIN,
                "more",
                b -> Files.createDirectory(b.file("more"))),
            damage(
                "a bit of globals.sql flipped",
                Stored.PLAIN,
                "globals.sql",
                b -> b.flipBit(b.file("globals.sql"))),
            damage(
                "globals.sql missing",
                Stored.PLAIN,
                "globals.sql",
                b -> b.delete(b.file("globals.sql"))),
            damage(
                "a bit of the create script flipped",
                Stored.PLAIN,
                "shop.create.sql",
                b -> b.flipBit(b.file("shop.create.sql"))),
            damage(
                "a bit of the fingerprint flipped",
                Stored.PLAIN,
                "shop.fingerprint.json",
                b -> b.flipBit(b.file("shop.fingerprint.json"))),
            damage(
                "a bit of SHA256SUMS flipped",
                Stored.PLAIN,
                "SHA256SUMS",
                b -> b.flipBit(b.file("SHA256SUMS"))),
            damage(
                "SHA256SUMS missing",
                Stored.PHYSICAL,
                "SHA256SUMS",
                b -> b.delete(b.file("SHA256SUMS"))),
            damage(
                "SHA256SUMS of another backup",
                Stored.PLAIN,
                "SHA256SUMS",
                PlantedDamageTest::takeOlderChecksums),
            damage(
                "layout.jsonl missing",
                Stored.PHYSICAL,
                "layout.jsonl",
                b -> b.delete(b.file("layout.jsonl"))),
            damage(
                "a bit of layout.jsonl flipped",
                Stored.PHYSICAL,
                "layout.jsonl",
                b -> b.flipBit(b.file("layout.jsonl"))),
            damage(
                "a bit of a table's file flipped",
                Stored.PHYSICAL,
                "data/base/",
                b -> b.flipBit(b.file(repositories.heapFile("customers")))),
            damage(
                "a bit of a table's file in a tablespace flipped",
                Stored.PHYSICAL,
                "tablespaces/",
                b -> b.flipBit(b.file(repositories.heapFile("orders")))),
            damage(
                "a 4 KiB block of a table's file zeroed",
                Stored.PHYSICAL,
                "data/base/",
                b -> b.zeroBlock(b.file(repositories.heapFile("customers")))),
            damage(
                "two tables' files swapped",
                Stored.PHYSICAL,
                "tablespaces/",
                b ->
                    b.swap(
                        b.file(repositories.heapFile("customers")),
                        b.file(repositories.heapFile("orders")))),
            damage(
                "a bit of pg_control flipped",
                Stored.PHYSICAL,
                "data/global/pg_control",
                b -> b.flipBit(b.file("data/global/pg_control"))),
            damage(
                "a byte appended to postgresql.auto.conf",
                Stored.PHYSICAL,
                "data/postgresql.auto.conf",
                b -> b.append(b.file("data/postgresql.auto.conf"), "#")),
            damage(
                "a bit of pg_hba.conf flipped",
                Stored.PHYSICAL,
                "data/pg_hba.conf",
                b -> b.flipBit(b.file("data/pg_hba.conf"))),
            damage(
                "backup_label missing",
                Stored.PHYSICAL,
                "data/backup_label",
                b -> b.delete(b.file("data/backup_label"))),
            damage(
                "backup_label edited",
                Stored.PHYSICAL,
                "data/backup_label",
                b ->
                    b.edit(
                        b.file("data/backup_label"),
                        text -> text.replace("START TIME", "START  TIME"))),
            damage(
                "a bit of the PostgreSQL manifest flipped",
                Stored.PHYSICAL,
                "data/backup_manifest",
                b -> b.flipBit(b.file("data/backup_manifest"))),
            damage(
                "a WAL segment missing",
                Stored.PHYSICAL,
                "data/pg_wal/",
                b -> b.delete(firstSegment(b))),
            damage(
                "a WAL segment cut to 50 %",
                Stored.PHYSICAL, "data/pg_wal/", b -> b.truncate(firstSegment(b), 0.5)),
            damage(
                "the tablespaces missing",
                Stored.PHYSICAL,
                "tablespaces/",
                b -> b.delete(b.file("tablespaces"))),
            damage(
                "an empty directory missing",
                Stored.PHYSICAL,
                "data/pg_twophase",
                b -> b.delete(b.file("data/pg_twophase"))),
            damage(
                "a tablespace's link led elsewhere",
                Stored.PHYSICAL,
                "data/pg_tblspc/",
                PlantedDamageTest::redirectTablespace),
            damage(
                "a file put between the server's",
                Stored.PHYSICAL,
                "data/recovery.signal",
                b -> Files.createFile(b.file("data/recovery.signal"))),
            damage(
                "PG_VERSION of another major",
                Stored.PHYSICAL,
                "data/PG_VERSION",
                b ->
                    DamagedBackup.write(
                        b.file("data/PG_VERSION"), "12\n".getBytes(StandardCharsets.UTF_8)))));
    return all.stream();
  }

  private static void takeOlderDump(DamagedBackup backup) throws IOException {
    Path older = repositories.older(backup).file("shop.sql");
    assertThat(Files.size(older)).isEqualTo(Files.size(backup.file("shop.sql")));
    DamagedBackup.write(backup.file("shop.sql"), Files.readAllBytes(older));
  }

  private static void takeOlderChecksums(DamagedBackup backup) throws IOException {
    DamagedBackup.write(
        backup.file("SHA256SUMS"),
        Files.readAllBytes(repositories.older(backup).file("SHA256SUMS")));
  }

  /// The content would even be right: but what lies elsewhere may be changed by others.
  private static void linkDumpOutside(DamagedBackup backup) throws IOException {
    Path outside = repositories.cli.root().resolve("outside.sql");
    Files.deleteIfExists(outside);
    Files.copy(backup.file("shop.sql"), outside);
    backup.delete(backup.file("shop.sql"));
    Files.createSymbolicLink(backup.file("shop.sql"), outside);
  }

  private static void linkDirectoryOutside(DamagedBackup backup) throws IOException {
    Path outside = repositories.cli.root().resolve("outside.dir");
    backup.delete(outside);
    Files.move(backup.file("shop.dir"), outside);
    Files.createSymbolicLink(backup.file("shop.dir"), outside);
  }

  private static void redirectTablespace(DamagedBackup backup) throws IOException {
    Path directory = backup.file("data/pg_tblspc");
    try (Stream<Path> links = Files.list(directory)) {
      Path link = links.findFirst().orElseThrow();
      Files.delete(link);
      Files.createSymbolicLink(link, Path.of("/tmp"));
    }
  }

  private static Path firstSegment(DamagedBackup backup) throws IOException {
    try (Stream<Path> files = Files.list(backup.file("data/pg_wal"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("[0-9A-F]{24}"))
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("damageToFiles")
  void isNamedByVerifyRestoreAndDrillAndTheProofIsLost(
      String what, Stored stored, String named, Planting planting) throws Exception {
    // Each command finds it by itself, on a repository that no other has looked at.
    DamagedBackup backup = repositories.open(stored);
    assertThat(listed(backup).path("proof").asString())
        .isEqualTo(stored.isProven() ? "proven" : "verified");
    planting.plant(backup);
    Answer verify = repositories.cli.run("verify", backup.label());
    assertThat(verify.exitCode()).as("verify: %s", verify).isEqualTo(DAMAGED);
    assertThat(verify.said()).contains(named);
    assertNotGreen(backup);

    backup = planted(stored, planting);
    String before = repositories.target();
    Answer restore = repositories.restore(stored, backup.label());
    assertThat(restore.exitCode()).as("restore: %s", restore).isEqualTo(DAMAGED);
    assertThat(restore.said()).contains(named);
    assertThat(repositories.target()).isEqualTo(before);
    assertNotGreen(backup);

    backup = planted(stored, planting);
    Answer drill = repositories.cli.run("drill", backup.label());
    assertThat(drill.exitCode()).as("drill: %s", drill).isEqualTo(DRILL_FAILED);
    assertThat(drill.said()).contains(named);
    assertThat(repositories.target()).isEqualTo(before);
    assertNotGreen(backup);
    CAUGHT.merge(stored, 1, Integer::sum);
  }

  private static DamagedBackup planted(Stored stored, Planting planting) throws Exception {
    DamagedBackup backup = repositories.open(stored);
    planting.plant(backup);
    return backup;
  }

  /// The entry of `prova list --json`.
  private static JsonNode listed(DamagedBackup backup) throws IOException {
    Answer list = repositories.cli.run("list", "--json");
    for (String line : list.out().lines().toList()) {
      for (JsonNode each : Json.LINE.readTree(line).path("result").path("backups")) {
        if (each.path("label").asString().equals(backup.label())) {
          return each;
        }
      }
    }
    return Json.LINE.readTree("{}");
  }

  /// Also with the alert about it lost.
  private static void assertNotGreen(DamagedBackup backup) throws IOException {
    backup.delete(repositories.cli.state());
    JsonNode entry = listed(backup);
    assertThat(entry.isEmpty() || entry.path("damaged").asBoolean())
        .as("listed as %s", entry)
        .isTrue();
    Answer status = repositories.cli.run("status");
    assertThat(status.exitCode()).as("status: %s", status).isEqualTo(CRITICAL);
    assertThat(status.said()).contains(backup.label());
    assertThat(status.said()).doesNotContain("last proof: " + backup.label());
  }

  /// Damage to what a repository knows of a backup, beside its files.
  static Stream<Arguments> damageToRecords() {
    return Stream.of(
        record(
            "a bit of backup.json flipped",
            DAMAGED,
            "backup.json",
            b -> b.flipBit(b.file("backup.json"))),
        record(
            "backup.json cut to 50 %",
            DAMAGED, "backup.json", b -> b.truncate(b.file("backup.json"), 0.5)),
        record(
            "backup.json emptied", DAMAGED, "backup.json", b -> b.cutTo(b.file("backup.json"), 0)),
        record("backup.json missing", DAMAGED, "backup.json", b -> b.delete(b.file("backup.json"))),
        record(
            "a directory in place of backup.json",
            DAMAGED,
            "backup.json",
            PlantedDamageTest::directoryForBackup),
        record(
            "the system identifier changed",
            DAMAGED,
            "backup.json",
            b ->
                b.edit(
                    b.file("backup.json"),
                    text ->
                        text.replaceFirst(
                            "\"system_identifier\" : \"\\d", "\"system_identifier\" : \"1"))),
        record(
            "backup.json of a newer format",
            REPOSITORY,
            "newer version",
            b -> DamagedBackup.forge(b.file("backup.json"), content -> content.put("format", 2))),
        record(
            "backup.json of a format that never was",
            DAMAGED,
            "never was",
            b -> DamagedBackup.forge(b.file("backup.json"), content -> content.put("format", 0))),
        record(
            "the backup of another cluster's repository",
            CLUSTER_MISMATCH,
            "holds another backup",
            b ->
                DamagedBackup.forge(
                    b.file("backup.json"),
                    content -> content.put("repository", "0b9d6a44-0000-0000-0000-000000000000"))),
        record(
            "another backup's backup.json",
            CLUSTER_MISMATCH,
            "holds another backup",
            PlantedDamageTest::takeOlderBackupJson),
        record(
            "a bit of repository.json flipped",
            REPOSITORY,
            "repository.json",
            b -> b.flipBit(b.repository().resolve("repository.json"))),
        record(
            "repository.json missing",
            REPOSITORY,
            "repository.json",
            b -> b.delete(b.repository().resolve("repository.json"))),
        record(
            "repository.json of a newer format",
            REPOSITORY,
            "newer version",
            b ->
                DamagedBackup.forge(
                    b.repository().resolve("repository.json"),
                    content -> content.put("format", 2))));
  }

  private static Arguments record(String what, int exitCode, String named, Planting planting) {
    return Arguments.of(what, exitCode, named, planting);
  }

  private static void directoryForBackup(DamagedBackup backup) throws IOException {
    backup.delete(backup.file("backup.json"));
    Files.createDirectory(backup.file("backup.json"));
  }

  private static void takeOlderBackupJson(DamagedBackup backup) throws IOException {
    DamagedBackup.write(
        backup.file("backup.json"),
        Files.readAllBytes(repositories.older(backup).file("backup.json")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damageToRecords")
  void aBackupWithoutATrustworthyRecordIsNotUsed(
      String what, int exitCode, String named, Planting planting) throws Exception {
    DamagedBackup backup = repositories.open(Stored.PLAIN);
    planting.plant(backup);
    String before = repositories.target();
    List<Answer> answers =
        List.of(
            repositories.cli.run("verify", backup.label()),
            repositories.restore(Stored.PLAIN, backup.label()),
            repositories.cli.run("drill", backup.label()),
            repositories.cli.run("show", backup.label()));
    for (Answer answer : answers) {
      assertThat(answer.exitCode()).as("%s", answer).isEqualTo(exitCode);
      assertThat(answer.said()).contains(named);
    }
    assertThat(repositories.target()).isEqualTo(before);
    Answer all = repositories.cli.run("verify");
    assertThat(all.exitCode()).as("%s", all).isIn(DAMAGED, REPOSITORY);
    assertThat(all.exitCode() == REPOSITORY).as("%s", all).isEqualTo(exitCode == REPOSITORY);
    backup.delete(repositories.cli.state());
    assertThat(listed(backup).isEmpty()).isTrue();
    Answer status = repositories.cli.run("status");
    assertThat(status.exitCode()).as("status: %s", status).isEqualTo(CRITICAL);
    assertThat(status.said()).contains(named);
    // While a backup cannot be read, retention must not judge the others.
    repositories.cli.run("expire");
    assertThat(repositories.older(backup).directory()).exists();
    CAUGHT_RECORDS.add(what);
  }

  /// Damage to what was proven of a backup, or noted by a person.
  static Stream<Arguments> damageToNotes() {
    return Stream.of(
        Arguments.of(
            "a bit of a proof flipped",
            "proofs/",
            (Planting) b -> b.flipBit(b.theOnly("proofs/" + b.label(), "drill.json"))),
        Arguments.of(
            "a proof emptied",
            "proofs/",
            (Planting) b -> b.cutTo(b.theOnly("proofs/" + b.label(), "drill.json"), 0)),
        Arguments.of(
            "a bit of the evidence flipped",
            "drills/",
            (Planting) b -> b.flipBit(b.theOnly("drills/" + b.label(), ".json"))),
        Arguments.of(
            "the evidence missing",
            "drills/",
            (Planting) b -> b.delete(b.theOnly("drills/" + b.label(), ".json"))),
        Arguments.of(
            "a bit of an evidence's page flipped",
            ".en.html",
            (Planting) b -> b.flipBit(b.theOnly("drills/" + b.label(), ".en.html"))),
        Arguments.of(
            "an evidence's page cut",
            ".pt-BR.html",
            (Planting) b -> b.truncate(b.theOnly("drills/" + b.label(), ".pt-BR.html"), 0.5)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damageToNotes")
  void aProofIsAsGoodAsItsEvidence(String what, String named, Planting planting) throws Exception {
    DamagedBackup backup = planted(Stored.PLAIN, planting);
    assertThat(listed(backup).path("proof").asString()).isEqualTo("stored");
    Answer verify = repositories.cli.run("verify");
    assertThat(verify.exitCode()).as("%s", verify).isEqualTo(DAMAGED);
    assertThat(verify.said()).contains(named);
    assertThat(listed(backup).path("proof").asString()).isEqualTo("stored");
    Answer status = repositories.cli.run("status");
    assertThat(status.exitCode()).as("status: %s", status).isEqualTo(CRITICAL);
    assertThat(status.said()).contains(named).contains("last proof: none");
    CAUGHT_RECORDS.add(what);
  }

  @Test
  void aDamagedPinHoldsRetention() throws Exception {
    DamagedBackup backup = repositories.open(Stored.PLAIN);
    repositories.cli.must("pin", repositories.older(backup).label(), "--why", "audit");
    Path pin = backup.theOnly("pins", ".json");
    backup.flipBit(pin);
    Answer verify = repositories.cli.run("verify");
    assertThat(verify.exitCode()).as("%s", verify).isEqualTo(DAMAGED);
    assertThat(verify.said()).contains(pin.toString());
    Answer expire = repositories.cli.run("expire");
    assertThat(expire.said()).contains(pin.toString());
    assertThat(repositories.older(backup).directory()).exists();
    CAUGHT_RECORDS.add("a bit of a pin flipped");
  }

  @Test
  void aFailedRestoreTestIsNotAnsweredByReadingTheBytesAgain() throws Exception {
    DamagedBackup backup = repositories.open(Stored.PLAIN);
    backup.edit(backup.file("shop.sql"), text -> text.replace("customer 77\n", "customer 78\n"));
    backup.reseal();
    assertThat(repositories.cli.run("drill", backup.label()).exitCode()).isEqualTo(DRILL_FAILED);
    repositories.cli.must("verify", backup.label());
    assertNotGreen(backup);
  }

  @Test
  void aDrillOfNothingIsNoSuccess() throws Exception {
    DamagedBackup backup = repositories.open(Stored.PLAIN);
    backup.flipBit(backup.file("backup.json"));
    backup.flipBit(repositories.older(backup).file("backup.json"));
    Answer drill = repositories.cli.run("drill");
    assertThat(drill.exitCode()).as("%s", drill).isNotZero();
    assertThat(drill.said()).contains("backup.json");
  }

  @Test
  void foreignFilesAreLeftWhereTheyAre() throws Exception {
    DamagedBackup backup = repositories.open(Stored.PLAIN);
    Path notes = backup.file("notes.txt");
    Files.writeString(notes, "mine");
    repositories.cli.run("verify");
    repositories.restore(Stored.PLAIN, backup.label());
    repositories.cli.run("drill");
    repositories.cli.run("expire");
    assertThat(notes).hasContent("mine");
    assertThat(backup.file(BackupFiles.BACKUP)).exists();
  }
}
