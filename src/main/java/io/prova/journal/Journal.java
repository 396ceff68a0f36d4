package io.prova.journal;

import io.prova.base.Digest;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The append-only log of everything done: `journal.jsonl`, one record a line, each holding the
/// hash of the one before. `journal.head` beside it names the last record, so that the loss of the
/// end is noticed too; an [Anchor] kept elsewhere does the same against someone who rewrites both.
///
/// What is in the file stays in the file. A record that a crash cut short is left as it is, and the
/// next append says so in a record of its own. When records are gone or changed, appending goes on
/// (a backup must not stop because its log was tampered with), but first writes down what it found:
/// [#verify] never calls such a journal intact again.
public final class Journal {

  /// An append takes milliseconds; after this long the lock's holder hangs.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String LINE_END = "\n";

  private final Path file;
  private final Path head;
  private final Path lock;
  private final Author author;
  private final InstantSource clock;
  private final Redactor redactor;
  private final Duration patience;

  Journal(
      Path directory, Author author, InstantSource clock, Redactor redactor, Duration patience) {
    this.file = directory.resolve("journal.jsonl");
    this.head = directory.resolve("journal.head");
    this.lock = directory.resolve("journal.lock");
    this.author = author;
    this.clock = clock;
    this.redactor = redactor;
    this.patience = patience;
  }

  /// The journal in `directory`, which is created (0700) if absent; its files are created by the
  /// first append.
  public static Journal open(Path directory, Author author, InstantSource clock, Redactor redactor)
      throws IOException {
    DurableFiles.createDirectories(directory);
    return new Journal(directory, author, clock, redactor, PATIENCE);
  }

  /// Adds a record, durably, before returning. Several processes may append at once.
  ///
  /// @return where the record is, for whoever wants to prove later that it was there
  /// @throws OperationFailed [Failure#BUSY] when another process holds the journal for too long
  public Anchor append(JournalEntry entry) throws IOException, InterruptedException {
    if (JournalEntry.RESERVED.contains(entry.event())) {
      throw new IllegalArgumentException("only the journal writes this event: " + entry.event());
    }
    try (FileLock _ = lock();
        FileChannel channel = openForAppend()) {
      JournalEnd end = JournalEnd.of(channel);
      Anchor last = end.last.map(JournalRecord::anchor).orElse(Anchor.GENESIS);
      Head known = Head.read(head);
      if (known.fits(end.last) && !known.names(end.last)) {
        Head.write(head, last); // a crash kept it one behind; it must never be two
      }
      if (end.unfinished) {
        writeFully(channel, LINE_END);
      }
      if (!known.fits(end.last)) {
        last = write(channel, last, damaged(entry, known, last));
      } else if (end.loose.length > 0) {
        last = write(channel, last, torn(entry, end.loose));
      }
      return write(channel, last, entry.cleaned(redactor));
    }
  }

  private FileChannel openForAppend() throws IOException {
    return DurableFiles.openOrCreate(file);
  }

  private static JournalEntry torn(JournalEntry occasion, byte[] loose) {
    return own(
        occasion,
        JournalEntry.TORN,
        Map.of("bytes", loose.length, "sha256", Digest.of(loose).hex()));
  }

  private static JournalEntry damaged(JournalEntry occasion, Head expected, Anchor found) {
    return own(
        occasion,
        JournalEntry.DAMAGED,
        Map.of("expected", expected.toString(), "found", found.toString()));
  }

  private static JournalEntry own(
      JournalEntry occasion, String event, Map<String, Object> details) {
    return new JournalEntry(occasion.operation(), event, "journal", Optional.empty(), details);
  }

  private Anchor write(FileChannel channel, Anchor last, JournalEntry entry) throws IOException {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    JournalLine.Sealed line = JournalLine.seal(last, now, author, entry);
    writeFully(channel, line.text() + LINE_END);
    channel.force(true);
    if (line.anchor().seq() == 1) {
      DurableFiles.syncParent(file);
    }
    Head.write(head, line.anchor());
    return line.anchor();
  }

  private static void writeFully(FileChannel channel, String text) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    long at = channel.size();
    while (buffer.hasRemaining()) {
      at += channel.write(buffer, at);
    }
  }

  /// All records, the oldest first, one in memory at a time; the caller closes the stream. Lines
  /// that are not records are left out: [#verify] names them.
  public Stream<JournalRecord> read() throws IOException {
    return records(0, size());
  }

  /// What the newest `count` lines hold, the oldest first, without reading the rest.
  public List<JournalRecord> tail(int count) throws IOException {
    long size = size();
    try (Stream<JournalRecord> records = records(LineReader.startOfLast(file, size, count), size)) {
      return records.toList();
    }
  }

  private long size() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private Stream<JournalRecord> records(long from, long to) throws IOException {
    LineReader lines = LineReader.open(file, from, to);
    return Stream.generate(() -> next(lines))
        .takeWhile(Optional::isPresent)
        .map(line -> line.orElseThrow().read())
        .filter(JournalRecord.class::isInstance)
        .map(JournalRecord.class::cast)
        .onClose(() -> close(lines));
  }

  private static Optional<LineReader.RawLine> next(LineReader lines) {
    try {
      return lines.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(LineReader lines) {
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads everything and checks each record against itself, its neighbours, `journal.head` and
  /// `anchors`; stops at the first bad line. Appends may go on meanwhile.
  ///
  /// @param anchors kept outside, in any order
  public JournalVerification verify(List<Anchor> anchors) throws IOException, InterruptedException {
    long size;
    Head known;
    try (FileLock _ = lock()) {
      // Both at one moment, or an append in between would look like damage.
      size = size();
      known = Head.read(head);
    }
    Verifier verifier = new Verifier(known, anchors);
    try (LineReader lines = LineReader.open(file, 0, size)) {
      return verifier.verify(lines);
    }
  }

  private FileLock lock() throws IOException, InterruptedException {
    String me = author.who() + "@" + author.host() + ", process " + ProcessHandle.current().pid();
    return FileLock.awaitExclusive(lock, me, patience)
        .orElseThrow(() ->
            new OperationFailed(
                Failure.BUSY,
                Message.message(
                    "the journal {0} has been held by {1} for more than {2}",
                    file, FileLock.holder(lock).orElse("?"), patience),
                Message.message(
                    "A record takes milliseconds to write: look whether that process hangs.")));
  }
}
