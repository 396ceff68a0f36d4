package io.prova.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.base.Digest;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.base.Secret;
import io.prova.journal.JournalVerification.Damaged;
import io.prova.journal.JournalVerification.Intact;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

  private static final Instant NOW = Instant.parse("2026-11-22T05:00:00.123456Z");
  private static final Author AUTHOR = new Author("postgres", "db1");

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Redactor redactor = new Redactor();

  @TempDir Path directory;
  private Path file;
  private Path head;
  private Journal journal;

  @BeforeEach
  void open() throws IOException {
    file = directory.resolve("journal.jsonl");
    head = directory.resolve("journal.head");
    journal = Journal.open(directory, AUTHOR, InstantSource.fixed(NOW), redactor);
  }

  private static JournalEntry note(Object number) {
    return new JournalEntry(
        "op", JournalEntry.NOTE, "test", Optional.of("main"), Map.of("number", number));
  }

  private List<Anchor> append(int count) throws Exception {
    List<Anchor> anchors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      anchors.add(journal.append(note(i)));
    }
    return anchors;
  }

  private JournalVerification verify(Anchor... anchors) throws Exception {
    return journal.verify(List.of(anchors));
  }

  private Damaged damage(Anchor... anchors) throws Exception {
    assertThat(verify(anchors)).isInstanceOf(Damaged.class);
    return (Damaged) verify(anchors);
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(file);
  }

  private void write(List<String> lines) throws IOException {
    Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private List<JournalRecord> records() throws IOException {
    try (Stream<JournalRecord> records = journal.read()) {
      return records.toList();
    }
  }

  @Test
  void aRecordSaysWhoDidWhatWhenAndFollowsTheOneBefore() throws Exception {
    Anchor first =
        journal.append(
            new JournalEntry(
                "7f3a",
                JournalEntry.END,
                "backup",
                Optional.of("main"),
                Map.of("label", "2026-11-22_02-00", "bytes", 1234, "result", "success")));
    Anchor second =
        journal.append(
            new JournalEntry("7f3b", JournalEntry.START, "list", Optional.empty(), Map.of()));

    assertThat(records())
        .containsExactly(
            new JournalRecord(
                1,
                Instant.parse("2026-11-22T05:00:00.123Z"),
                new Digest("0".repeat(64)),
                "7f3a",
                "end",
                "backup",
                "postgres",
                "db1",
                Optional.of("main"),
                Map.of("label", "2026-11-22_02-00", "bytes", 1234, "result", "success"),
                first.hash()),
            new JournalRecord(
                2,
                Instant.parse("2026-11-22T05:00:00.123Z"),
                first.hash(),
                "7f3b",
                "start",
                "list",
                "postgres",
                "db1",
                Optional.empty(),
                Map.of(),
                second.hash()));
    assertThat(lines().getLast())
        .isEqualTo(
            "{\"seq\":2,\"time\":\"2026-11-22T05:00:00.123Z\",\"previous\":\""
                + first.hash()
                + "\",\"operation\":\"7f3b\",\"event\":\"start\",\"command\":\"list\","
                + "\"who\":\"postgres\",\"host\":\"db1\",\"hash\":\""
                + second.hash()
                + "\"}");
    assertThat(verify(first, second)).isEqualTo(new Intact(2, 0, Optional.of(second)));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aJournalWithoutRecordsIsIntact() throws Exception {
    assertThat(verify()).isEqualTo(new Intact(0, 0, Optional.empty()));
    assertThat(records()).isEmpty();
    assertThat(journal.tail(5)).isEmpty();
  }

  @Test
  void theTailIsReadWithoutTheRest() throws Exception {
    for (int i = 0; i < 30; i++) {
      journal.append(note("é".repeat(random.nextInt(4000)) + i));
    }
    for (int count : new int[] {0, 1, 7, 30, 100}) {
      assertThat(journal.tail(count))
          .as("the last %s, seed %s", count, seed)
          .isEqualTo(records().subList(Math.max(0, 30 - count), 30));
    }
  }

  @Test
  void secretsAreTakenOutAndLongTextsCut() throws Exception {
    redactor.learn(new Secret("pass\"word"));
    journal.append(
        new JournalEntry(
            "op",
            JournalEntry.END,
            "backup",
            Optional.empty(),
            Map.of(
                "error",
                List.of(Map.of("line", "FATAL: pass\"word is wrong")),
                "log",
                "y".repeat(5000))));
    assertThat(Files.readString(file)).doesNotContain("pass").doesNotContain("y".repeat(4001));
    assertThat(records().getFirst().details().get("error"))
        .isEqualTo(List.of(Map.of("line", "FATAL: *** is wrong")));
  }

  @Test
  void aRecordTooLongForALineIsKeptWithoutItsDetails() throws Exception {
    Anchor anchor = journal.append(note(Collections.nCopies(100, "z".repeat(4000))));
    assertThat(records().getFirst().details()).containsOnlyKeys("left_out");
    assertThat(verify(anchor)).isInstanceOf(Intact.class);
  }

  @Test
  void fieldsOfALaterVersionAreProtectedToo() throws Exception {
    append(2);
    String open =
        lines().getLast().replaceFirst(",\"hash\".*", "").replace("\"op\"", "\"op\",\"new\":[1]");
    Digest hash = Digest.of(open.getBytes(StandardCharsets.UTF_8));
    write(List.of(lines().getFirst(), open + ",\"hash\":\"" + hash + "\"}"));
    Head.write(head, new Anchor(2, hash));
    assertThat(verify()).isInstanceOf(Intact.class);
    Files.writeString(file, Files.readString(file).replace("[1]", "[2]"));
    assertThat(damage().line()).isEqualTo(2);
  }

  @Test
  void anEditIsNamed() throws Exception {
    append(5);
    String edited = lines().get(2).replace("\"number\":2", "\"number\":9");
    List<String> lines = new ArrayList<>(lines());
    lines.set(2, edited);
    write(lines);
    String recorded = edited.replaceAll(".*\"hash\":\"|\"}$", "");
    String found =
        Digest.of(edited.replaceFirst(",\"hash\".*", "").getBytes(StandardCharsets.UTF_8)).hex();
    OperationFailed failure = damage().failure();
    assertThat(failure.failure()).isEqualTo(Failure.JOURNAL_DAMAGED);
    assertThat(failure)
        .hasMessage(
            "line 3 of the journal: the record was changed after it was written; expected hash "
                + recorded
                + ", found hash "
                + found);
  }

  @Test
  void missingDoubledAndMovedRecordsAreNamed() throws Exception {
    append(6);
    List<String> whole = lines();

    List<String> without = new ArrayList<>(whole);
    without.remove(3);
    write(without);
    assertThat(damage().failure())
        .hasMessage(
            "line 4 of the journal: records are missing, doubled or out of order; expected record 4, found record 5");

    List<String> doubled = new ArrayList<>(whole);
    doubled.add(4, whole.get(3));
    write(doubled);
    assertThat(damage().line()).isEqualTo(5);

    List<String> moved = new ArrayList<>(whole);
    Collections.swap(moved, 1, 4);
    write(moved);
    assertThat(damage().line()).isEqualTo(2);
  }

  @Test
  void aRecordRewrittenWithItsHashIsNamedByTheNext() throws Exception {
    List<Anchor> anchors = append(5);
    List<String> lines = new ArrayList<>(lines());
    lines.set(2, JournalLine.seal(anchors.get(1), NOW, new Author("eve", "db1"), note(2)).text());
    write(lines);
    assertThat(damage())
        .extracting(Damaged::line, bad -> bad.problem().toString())
        .containsExactly(3L, "the record was rewritten: the next one follows another");
  }

  @Test
  void aTailThatIsCutOffIsFoundByTheHeadAndByAnchors() throws Exception {
    List<Anchor> anchors = append(6);
    write(lines().subList(0, 4));
    assertThat(damage().failure())
        .hasMessage(
            "line 5 of the journal: records are lost from the end; expected the end at "
                + anchors.get(5)
                + " or later, found the end at "
                + anchors.get(3));
    Head.write(head, anchors.get(3));
    assertThat(verify()).isInstanceOf(Intact.class);
    assertThat(damage(anchors.get(4)).line()).isEqualTo(5);

    Files.delete(file);
    Files.delete(head);
    assertThat(damage(anchors.get(0)).line()).isEqualTo(1);
  }

  @Test
  void aForgedTailIsFoundByAnAnchor() throws Exception {
    List<Anchor> anchors = append(8);
    forgeFrom(3);
    assertThat(verify(anchors.get(0), anchors.get(2))).isInstanceOf(Intact.class);
    assertThat(damage(anchors.get(7), anchors.get(5)))
        .extracting(Damaged::line, bad -> bad.problem().toString())
        .containsExactly(6L, "the record is not the one that an anchor names");
  }

  /// Rewrites the records after the first `kept`, hashes, chain and head included.
  private void forgeFrom(int kept) throws IOException {
    List<JournalRecord> before = records();
    List<String> forged = new ArrayList<>(lines().subList(0, kept));
    Anchor last = kept == 0 ? Anchor.GENESIS : before.get(kept - 1).anchor();
    for (JournalRecord record : before.subList(kept, before.size())) {
      JournalLine.Sealed line =
          JournalLine.seal(last, record.time(), new Author("nobody", "db1"), note("forged"));
      forged.add(line.text());
      last = line.anchor();
    }
    write(forged);
    Head.write(head, last);
  }

  @Test
  void aLostOrStrangeHeadIsFound() throws Exception {
    List<Anchor> anchors = append(4);
    Files.delete(head);
    assertThat(damage().line()).isEqualTo(4);
    Files.writeString(head, "{}");
    assertThat(damage().problem()).hasToString("journal.head does not name the last record");
    Head.write(head, anchors.get(1));
    assertThat(damage().line()).isEqualTo(4);
    Files.delete(file);
    Files.writeString(head, "{}");
    assertThat(damage().line()).isEqualTo(1);
  }

  @Test
  void aCrashBetweenRecordAndHeadLosesNothing() throws Exception {
    List<Anchor> anchors = append(3);
    Head.write(head, anchors.get(1));
    assertThat(verify()).isInstanceOf(Intact.class);
    // Again a crash at the same place.
    journal.append(note("next"));
    Head.write(head, anchors.get(2));
    assertThat(verify(anchors.toArray(Anchor[]::new)))
        .isEqualTo(new Intact(4, 0, Optional.of(records().getLast().anchor())));
  }

  @Test
  void aCrashAtAnyByteOfARecordIsAccountedForByTheNext() throws Exception {
    List<Anchor> anchors = append(2);
    byte[] before = Files.readAllBytes(file);
    byte[] next =
        (JournalLine.seal(anchors.getLast(), NOW, AUTHOR, note("cut")).text() + "\n")
            .getBytes(StandardCharsets.UTF_8);
    List<Integer> lengths =
        new ArrayList<>(
            IntStream.range(1, next.length - 1)
                .filter(i -> random.nextInt(8) == 0)
                .boxed()
                .toList());
    // Only the line end lacks: the record is whole and gets it.
    lengths.add(next.length - 1);
    for (int length : lengths) {
      Files.write(file, before);
      Head.write(head, anchors.getLast());
      Files.write(file, Arrays.copyOf(next, length), StandardOpenOption.APPEND);

      assertThat(damage().line()).isEqualTo(3);
      Anchor anchor = journal.append(note("after"));
      assertThat(verify(anchors.getLast(), anchor))
          .as("cut after %s, seed %s", length, seed)
          .isEqualTo(new Intact(4, length < next.length - 1 ? 1 : 0, Optional.of(anchor)));
      assertThat(records())
          .extracting(JournalRecord::event)
          .endsWith(length < next.length - 1 ? "torn" : "note", "note");
      byte[] torn = Arrays.copyOf(before, before.length + length);
      System.arraycopy(next, 0, torn, before.length, length);
      assertThat(Files.readAllBytes(file)).startsWith(torn);
    }
  }

  @Test
  void whatSeveralCrashesLeftIsAccountedForAtOnce() throws Exception {
    append(2);
    Files.writeString(file, "{\"seq\":3,\n\n{\"seq\":3,\0\0\0\n{\"se", StandardOpenOption.APPEND);
    Anchor anchor = journal.append(note("after"));
    assertThat(verify()).isEqualTo(new Intact(4, 1, Optional.of(anchor)));

    String whole = Files.readString(file);
    Files.writeString(file, whole.replace("\0\0\0", "\0\0"));
    assertThat(damage().line()).isEqualTo(3);
    Files.writeString(file, whole.replaceFirst("(?s)\\{\"seq\":3,\\n\\n.*?\\{\"se\\n", ""));
    assertThat(damage().problem())
        .hasToString("the torn line that this record accounts for is gone");
  }

  @Test
  void aCrashInTheVeryFirstRecordIsAccountedForToo() throws Exception {
    Files.writeString(file, "{\"seq\":1,\"ti");
    Anchor anchor = journal.append(note("after"));
    assertThat(verify()).isEqualTo(new Intact(2, 1, Optional.of(anchor)));
  }

  @Test
  void appendingToADamagedJournalGoesOnButNeverHidesIt() throws Exception {
    append(5);
    write(lines().subList(0, 3));
    journal.append(note("after"));
    append(3);
    assertThat(damage())
        .extracting(Damaged::line, bad -> bad.problem().toString())
        .containsExactly(4L, "records before this one were lost or changed, as it says itself");

    // The last record edited: it had been acknowledged, so this is no crash.
    write(List.of());
    Files.delete(file);
    Files.delete(head);
    append(3);
    Files.writeString(file, Files.readString(file).replace("\"number\":2", "\"number\":3"));
    append(2);
    assertThat(damage().line()).isEqualTo(3);

    Files.delete(file);
    append(2);
    assertThat(damage().line()).isEqualTo(1);
  }

  @Test
  void onlyTheJournalItselfSaysThatALineIsTorn() {
    assertThatThrownBy(() ->
            journal.append(new JournalEntry("op", "torn", "test", Optional.empty(), Map.of())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aJournalHeldByAnotherIsWaitedForAndThenBusy() throws Exception {
    Journal impatient =
        new Journal(directory, AUTHOR, InstantSource.fixed(NOW), redactor, Duration.ofMillis(50));
    try (FileLock lock =
        FileLock.tryExclusive(directory.resolve("journal.lock"), "someone").orElseThrow()) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> impatient.append(note(1)))
          .isInstanceOfSatisfying(
              OperationFailed.class, failed -> assertThat(failed.failure()).isEqualTo(Failure.BUSY))
          .hasMessageContaining("held by someone");
    }
    assertThat(impatient.append(note(1)).seq()).isEqualTo(1);
  }

  @Test
  void everyMutationIsFound() throws Exception {
    System.out.println("repeat with -Dseed=" + seed);
    List<Anchor> anchors = append(12);
    Files.writeString(file, "{\"seq\":13,\"ti", StandardOpenOption.APPEND);
    anchors.addAll(append(12));
    byte[] whole = Files.readAllBytes(file);
    Anchor end = anchors.getLast();

    // One bit of every byte, and the line named exactly. Line 14 accounts for 13, the torn one:
    // when it is bad, 13 has nobody to speak for it.
    long line = 1;
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      assertThat(check(flipped, end))
          .as("byte %s of line %s", at, line)
          .isInstanceOfSatisfying(Damaged.class, lineIs(line == 14 ? 13 : line));
      line += whole[at] == '\n' ? 1 : 0;
    }
    // Truncated at any length, which also takes the head's record away.
    for (int length = 0; length < whole.length; length++) {
      assertThat(check(Arrays.copyOf(whole, length), end))
          .as("cut to %s bytes", length)
          .isInstanceOf(Damaged.class);
    }
    List<String> lines = lines();
    for (int round = 0; round < 500; round++) {
      List<String> mutated = new ArrayList<>(lines);
      int one = random.nextInt(lines.size());
      int other = (one + 1 + random.nextInt(lines.size() - 1)) % lines.size();
      String what =
          switch (random.nextInt(5)) {
            case 0 -> {
              mutated.remove(one);
              yield "line " + one + " deleted";
            }
            case 1 -> {
              mutated.add(other, lines.get(one));
              yield "line " + one + " doubled at " + other;
            }
            case 2 -> {
              Collections.swap(mutated, one, other);
              yield "lines " + one + " and " + other + " swapped";
            }
            case 3 -> {
              mutated.add(one, "x".repeat(random.nextInt(3)));
              yield "something put in at " + one;
            }
            default -> {
              mutated.subList(Math.min(one, other), Math.max(one, other)).clear();
              yield "lines " + one + " to " + other + " deleted";
            }
          };
      byte[] bytes = (String.join("\n", mutated) + "\n").getBytes(StandardCharsets.UTF_8);
      assertThat(check(bytes, end)).as(what).isInstanceOf(Damaged.class);
    }
  }

  private static Consumer<Damaged> lineIs(long line) {
    return bad -> assertThat(bad.line()).isEqualTo(line);
  }

  private JournalVerification check(byte[] content, Anchor head) throws IOException {
    Path mutated = directory.resolve("mutated");
    Files.write(mutated, content);
    try (LineReader lines = LineReader.open(mutated, 0, content.length)) {
      return new Verifier(new Head(Optional.of(head)), List.of()).verify(lines);
    }
  }

  @Test
  void forgedTailsAreFoundWhereverTheAnchorIs() throws Exception {
    List<Anchor> anchors = append(10);
    byte[] whole = Files.readAllBytes(file);
    for (int round = 0; round < 20; round++) {
      Files.write(file, whole);
      int kept = random.nextInt(10);
      forgeFrom(kept);
      int anchored = kept + random.nextInt(10 - kept);
      assertThat(damage(anchors.get(anchored)).line()).as("seed %s", seed).isEqualTo(anchored + 1);
    }
  }

  @Test
  void severalProcessesAppendAtOnce() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(JournalAppender.start(directory, "process" + i, 40));
    }
    append(20);
    List<Anchor> anchors = new ArrayList<>();
    for (Process process : processes) {
      anchors.addAll(anchorsOf(process));
      assertThat(process.waitFor()).isZero();
    }
    assertThat(anchors).hasSize(120);
    assertThat(journal.verify(anchors))
        .isInstanceOfSatisfying(
            Intact.class, intact -> assertThat(intact.records()).isEqualTo(140));
  }

  private static List<Anchor> anchorsOf(Process process) throws IOException {
    try (Stream<String> lines = process.inputReader().lines()) {
      return lines
          .filter(line -> line.matches("[0-9]+ [0-9a-f]{64}"))
          .map(line -> line.split(" "))
          .map(words -> new Anchor(Long.parseLong(words[0]), new Digest(words[1])))
          .toList();
    }
  }

  @Test
  void killedProcessesLeaveAVerifiableJournalWithAllTheyHadAcknowledged() throws Exception {
    List<Anchor> anchors = new ArrayList<>();
    for (int round = 0; round < 6; round++) {
      long before = Files.exists(file) ? Files.size(file) : 0;
      Process one = JournalAppender.start(directory, "one" + round, Integer.MAX_VALUE);
      Process two = JournalAppender.start(directory, "two" + round, Integer.MAX_VALUE);
      // However long a busy machine takes to start them: they are killed while they write.
      while (one.isAlive() && (!Files.exists(file) || Files.size(file) == before)) {
        Thread.sleep(5);
      }
      Thread.sleep(100 + random.nextInt(400));
      // Of the handle: Process itself would also close the streams we have yet to read.
      one.toHandle().destroyForcibly();
      two.toHandle().destroyForcibly();
      anchors.addAll(anchorsOf(one));
      anchors.addAll(anchorsOf(two));
      anchors.add(journal.append(note(round)));
      assertThat(journal.verify(anchors)).isInstanceOf(Intact.class);
    }
    assertThat(anchors.size()).isGreaterThan(20);
  }

  @Test
  void verifyingWhileOthersAppendFindsNothingWrong() throws Exception {
    Process other = JournalAppender.start(directory, "other", 60);
    do {
      assertThat(verify()).isInstanceOf(Intact.class);
      Thread.sleep(20);
    } while (other.isAlive());
    assertThat(verify())
        .isInstanceOfSatisfying(Intact.class, intact -> assertThat(intact.records()).isEqualTo(60));
  }
}
