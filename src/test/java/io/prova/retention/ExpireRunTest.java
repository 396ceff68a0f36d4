package io.prova.retention;

import static io.prova.testing.BackupBuilder.backup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.base.Event;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Label;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.ProofRecord;
import io.prova.catalog.Repository;
import io.prova.catalog.TrashNote;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import io.prova.testing.BackupBuilder;
import io.prova.testing.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Retention on a repository's files.
class ExpireRunTest {

  private static final ZoneId ZONE = ZoneId.of("America/Sao_Paulo");
  private static final Instant FIRST = Instant.parse("2026-10-01T05:00:00Z");
  private static final RetentionPolicy TEN_DAYS =
      new RetentionPolicy(10, 0, 0, 0, 0, 0, Duration.ofDays(3));

  @TempDir private Path parent;
  private Repository repository;
  private Instant now = FIRST.plus(Duration.ofDays(12)).minus(Duration.ofHours(1));

  /// One backup a day for twelve days; the first is proven.
  @BeforeEach
  void makeBackups() throws Exception {
    repository =
        Repository.create(parent.resolve("backupSQL"), "main", BackupBuilder.SYSTEM, ZONE, FIRST);
    for (int day = 0; day < 12; day++) {
      publish(BackupKind.LOGICAL, day, day + 1);
    }
    test("2026-10-01_02-00", FIRST.plus(Duration.ofHours(1)), Optional.of(ProofLevel.PROVEN));
  }

  private void publish(BackupKind kind, int day, long sequence) throws Exception {
    backup()
        .kind(kind)
        .zone(ZONE)
        .started(FIRST.plus(Duration.ofDays(day)))
        .sequence(sequence)
        .publishIn(repository);
  }

  private void test(String label, Instant time, Optional<ProofLevel> reached) throws IOException {
    Backup backup = find(label);
    repository
        .catalog()
        .addProof(
            new ProofRecord(
                CheckedJson.FORMAT,
                backup.label(),
                backup.id(),
                time,
                "test",
                "drill",
                reached,
                List.of(),
                Optional.empty()));
  }

  private Backup find(String label) throws IOException {
    return repository.catalog().require(new Label(label)).backup();
  }

  private ExpireRun.Request request() {
    return new ExpireRun.Request(
        repository,
        Map.of(BackupKind.LOGICAL, TEN_DAYS),
        Optional.of(Duration.ZERO),
        ZONE,
        () -> now,
        "test");
  }

  private ExpireRun.Result expire() throws IOException {
    return ExpireRun.run(request(), Event.nowhere());
  }

  private List<String> listed() throws IOException {
    return repository.catalog().list().entries().stream()
        .map(entry -> entry.label().text())
        .toList();
  }

  /// Everything but the locks that expiry takes.
  private Map<String, String> files() throws IOException {
    return FileTree.of(repository.root()).without("sessions").files();
  }

  @Test
  void whatNoRuleKeepsGoesToTheTrashAndComesBackExactly() throws Exception {
    DurableFiles.createDirectories(repository.root().resolve("trash/logicos"));
    Map<String, String> before = files();
    assertThat(expire().trashed()).containsExactly(new Label("2026-10-02_02-00"));
    assertThat(listed()).hasSize(11).doesNotContain("2026-10-02_02-00");
    assertThat(expire().trashed()).isEmpty();

    TrashNote note = repository.trash().contents().notes().getFirst();
    assertThat(note.reason()).isEqualTo("no rule keeps it");
    repository.trash().bringBack(note);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void theTrashIsEmptiedWhenTheUndoWindowIsOver() throws Exception {
    expire();
    now = now.plus(Duration.ofDays(3)).minusSeconds(1);
    assertThat(expire().purged()).isEmpty();
    assertThat(parent.resolve("backupSQL/trash/logicos/2026-10-02_02-00")).exists();
    now = now.plusSeconds(1);
    assertThat(expire().purged()).containsExactly(new Label("2026-10-02_02-00"));
    assertThat(FileTree.of(repository.root()).files().keySet())
        .noneMatch(name -> name.contains("2026-10-02_02-00"));
    assertThat(repository.trash().contents().notes())
        .extracting(note -> note.label().text())
        .containsExactly("2026-10-03_02-00", "2026-10-04_02-00", "2026-10-05_02-00");
  }

  @Test
  void retentionDaysAreDaysOfTheWallClock() throws Exception {
    // 2018-11-04 had 23 hours in Sao Paulo: ten days later is one hour less than 240 hours later.
    Repository other =
        Repository.create(parent.resolve("other"), "main", BackupBuilder.SYSTEM, ZONE, FIRST);
    repository = other;
    for (int i = 0; i < 2; i++) {
      backup()
          .zone(ZONE)
          .started(
              Instant.parse("2018-11-0" + (1 + i) + "T05:00:00Z")) // 02:00, daylight saving off
          .sequence(i + 1)
          .publishIn(repository);
    }
    now = Instant.parse("2018-11-11T03:59:59Z"); // 01:59:59, daylight saving on
    assertThat(expire().trashed()).isEmpty();
    now = Instant.parse("2018-11-11T04:00:00Z");
    assertThat(expire().trashed()).containsExactly(new Label("2018-11-01_02-00"));
  }

  /// Each of these is a doubt; then nothing goes, and neither does the trash.
  @Test
  void doubtAboutAnyFileRemovesNothing() throws Exception {
    expire();
    now = now.plus(Duration.ofDays(30));
    Path root = repository.root();
    List<Doubt> doubts =
        List.of(
            new Doubt("logicos/2026-10-05_02-00/backup.json", ExpireRunTest::flipOneBit),
            new Doubt("logicos/2026-10-05_02-00/backup.json", Files::delete),
            new Doubt("logicos/2026-10-05_02-00/backup.json", ExpireRunTest::becomeADirectory),
            new Doubt("proofs/2026-10-01_02-00", ExpireRunTest::damageTheFilesIn),
            new Doubt("proofs/2026-10-01_02-00", ExpireRunTest::becomeAFile),
            new Doubt("proofs", ExpireRunTest::vanish),
            new Doubt("proofs", ExpireRunTest::becomeAFile),
            new Doubt("pins", ExpireRunTest::vanish),
            new Doubt("accepted", ExpireRunTest::vanish),
            new Doubt("fisicos", ExpireRunTest::vanish),
            new Doubt("fisicos", ExpireRunTest::becomeAFile),
            new Doubt("trash/logicos/2026-10-02_02-00.json", ExpireRunTest::flipOneBit),
            new Doubt("trash/logicos/2026-10-02_02-00.json", Files::delete));
    for (Doubt doubt : doubts) {
      Path copy = parent.resolve("copy");
      FileTree.copy(root, copy);
      repository = Repository.open(copy);
      doubt.damage.to(copy.resolve(doubt.path));
      Map<String, String> before = files();
      ExpireRun.Result result = expire();
      assertThat(result.trashed()).as(doubt.path).isEmpty();
      assertThat(result.purged()).as(doubt.path).isEmpty();
      assertThat(result.plan().holds()).as(doubt.path).isNotEmpty();
      assertThat(files()).as(doubt.path).isEqualTo(before);
      DurableFiles.deleteTree(copy);
    }
    repository = Repository.open(root);
    assertThat(expire().trashed()).hasSize(9);
  }

  @FunctionalInterface
  private interface Damaging {
    void to(Path path) throws IOException;
  }

  private record Doubt(String path, Damaging damage) {}

  private static void flipOneBit(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content, StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static void damageTheFilesIn(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        flipOneBit(file);
      }
    }
  }

  private static void vanish(Path directory) throws IOException {
    DurableFiles.deleteTree(directory);
  }

  private static void becomeAFile(Path directory) throws IOException {
    DurableFiles.deleteTree(directory);
    Files.writeString(directory, "");
  }

  private static void becomeADirectory(Path file) throws IOException {
    Files.delete(file);
    Files.createDirectory(file);
  }

  @Test
  void aTestThatFailedCountsWhateverTheClockSaidThen() throws Exception {
    // The clock was a year behind while the drill failed: by the clock it came before the one that
    // passed.
    test("2026-10-01_02-00", FIRST.minus(Duration.ofDays(365)), Optional.empty());
    assertThat(repository.catalog().require(new Label("2026-10-01_02-00")).proof().damaged())
        .isTrue();
    // And the other way round.
    test("2026-10-03_02-00", FIRST.plus(Duration.ofDays(3650)), Optional.of(ProofLevel.PROVEN));
    test("2026-10-03_02-00", FIRST.plus(Duration.ofDays(3)), Optional.empty());
    assertThat(repository.catalog().require(new Label("2026-10-03_02-00")).proof().isProven())
        .isFalse();
  }

  @Test
  void aBackupFromTheFutureHoldsEverythingUntilAPersonAcceptsIt() throws Exception {
    backup()
        .zone(ZONE)
        .started(FIRST.plus(Duration.ofDays(3650)))
        .sequence(13)
        .publishIn(repository);
    assertThat(expire().trashed()).isEmpty();
    repository.catalog().accept(find("2036-09-28_02-00"), now, "ana", "the clock was wrong");
    assertThat(expire().trashed()).containsExactly(new Label("2026-10-02_02-00"));
  }

  @Test
  void whileAnyoneReadsBackupsNoneIsRemoved() throws Exception {
    Map<String, String> before = files();
    try (FileLock reading = repository.lockForReading()) {
      assertThatThrownBy(this::expire)
          .isInstanceOf(OperationFailed.class)
          .hasMessageContaining("are being read");
    }
    assertThat(files()).isEqualTo(before);
    assertThat(expire().trashed()).hasSize(1);
  }

  @Test
  void aCrashBetweenTheNoteAndTheMoveIsGoneOverAgain() throws Exception {
    DurableFiles.createDirectories(repository.root().resolve("trash/logicos"));
    Files.writeString(
        repository.root().resolve("trash/logicos/2026-10-02_02-00.json"), "half a note");
    assertThat(expire().trashed()).containsExactly(new Label("2026-10-02_02-00"));
    assertThat(repository.trash().contents().notes()).hasSize(1);
  }

  @Test
  void labelsOfTheHourThatComesTwiceAreUniqueAndInOrder() throws Exception {
    Repository other =
        Repository.create(parent.resolve("other"), "main", BackupBuilder.SYSTEM, ZONE, FIRST);
    // At midnight of 2018-02-18 the clock of Sao Paulo went back to 23:00.
    for (String moment : List.of("2018-02-18T01:30:00Z", "2018-02-18T02:30:00Z")) {
      for (int i = 0; i < 2; i++) {
        backup()
            .zone(ZONE)
            .started(Instant.parse(moment))
            .sequence(other.nextSequence(other.catalog().list()))
            .publishIn(other);
      }
    }
    assertThat(other.catalog().list().entries())
        .extracting(entry -> entry.label().text())
        .containsExactly(
            "2018-02-17_23-30", "2018-02-17_23-30-2", "2018-02-17_23-30-3", "2018-02-17_23-30-4");
  }
}
