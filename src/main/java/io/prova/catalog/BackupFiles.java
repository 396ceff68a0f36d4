package io.prova.catalog;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.base.Problems;
import io.prova.base.TaskGroup;
import io.prova.storage.DurableFiles;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// Every byte of a backup's directory, bound to its place: `SHA256SUMS` for the files, as
/// `sha256sum -c` reads it, and `layout.jsonl` for the directories and links that it cannot hold.
public final class BackupFiles {

  public static final String BACKUP = "backup.json";
  public static final String CHECKSUMS = "SHA256SUMS";
  public static final String LAYOUT = "layout.jsonl";

  private static final int WORKERS = Math.max(1, Runtime.getRuntime().availableProcessors());

  /// Files being read ahead of the one whose line is written next.
  private static final int AHEAD = 4 * WORKERS;

  private static final int BUFFER_BYTES = 256 * 1024;

  private BackupFiles() {}

  /// @param target of a link
  private record LayoutLine(String path, DirectoryTree.Type type, Optional<String> target) {}

  /// What [#seal] found.
  public record Sealed(long files, ByteCount bytes, Digest checksums) {}

  /// Knows the digest of a file from elsewhere (it was computed while writing).
  @FunctionalInterface
  public interface KnownDigests {
    Optional<Digest> of(String path) throws IOException, InterruptedException;
  }

  /// Hears the digest of each file as it is read, to compare it with what somebody else says of it.
  @FunctionalInterface
  public interface DigestListener {
    void digested(String path, Digest digest);
  }

  /// Reads every file below `directory` and writes, durably, `SHA256SUMS` and (for trees with
  /// directories) `layout.jsonl`.
  ///
  /// @param known digests that need not be computed again
  /// @param listener called in the order of the paths, from this thread
  /// @param progress called with the bytes read, from several threads
  public static Sealed seal(
      Path directory, KnownDigests known, DigestListener listener, LongConsumer progress)
      throws IOException, InterruptedException {
    writeLayout(directory);
    Path sums = directory.resolve(CHECKSUMS);
    long[] totals = {0, 0};
    try (FileChannel channel = DurableFiles.openNew(sums);
        TaskGroup group = TaskGroup.ofWorkers(WORKERS)) {
      Writer out =
          new BufferedWriter(
              new OutputStreamWriter(Channels.newOutputStream(channel), StandardCharsets.UTF_8));
      Deque<Pending> pending = new ArrayDeque<>();
      DirectoryTree.walk(
          directory,
          entry -> {
            if (entry.type() != DirectoryTree.Type.FILE || entry.path().equals(CHECKSUMS)) {
              return;
            }
            totals[0]++;
            totals[1] += entry.size();
            Optional<Digest> already = known.of(entry.path());
            pending.addLast(
                new Pending(
                    entry.path(),
                    group.submit(() ->
                        already.isPresent()
                            ? already.get()
                            : digest(directory.resolve(entry.path()), progress))));
            if (pending.size() > AHEAD) {
              writeLine(out, pending.removeFirst(), listener);
            }
          });
      while (!pending.isEmpty()) {
        writeLine(out, pending.removeFirst(), listener);
      }
      out.flush();
      channel.force(true);
    }
    return new Sealed(totals[0], new ByteCount(totals[1]), digest(sums, bytes -> {}));
  }

  private record Pending(String path, Future<Digest> digest) {}

  private static void writeLine(Writer out, Pending pending, DigestListener listener)
      throws IOException, InterruptedException {
    Digest digest = TaskGroup.join(pending.digest);
    listener.digested(pending.path, digest);
    String path = pending.path;
    // coreutils' escaping: a leading backslash says that the name has escapes.
    boolean escape = path.indexOf('\\') >= 0 || path.indexOf('\n') >= 0;
    if (escape) {
      out.write('\\');
      path = path.replace("\\", "\\\\").replace("\n", "\\n");
    }
    out.write(digest.hex() + "  " + path + "\n");
  }

  private static void writeLayout(Path directory) throws IOException, InterruptedException {
    List<LayoutLine> lines = new ArrayList<>();
    DirectoryTree.walk(
        directory,
        entry -> {
          switch (entry.type()) {
            case DIRECTORY ->
                lines.add(new LayoutLine(entry.path(), entry.type(), Optional.empty()));
            case LINK ->
                lines.add(
                    new LayoutLine(
                        entry.path(),
                        entry.type(),
                        Optional.of(
                            Files.readSymbolicLink(directory.resolve(entry.path())).toString())));
            case FILE -> {}
            case OTHER ->
                throw new IOException(
                    "neither file, directory nor link: " + directory.resolve(entry.path()));
          }
        });
    if (lines.isEmpty()) {
      return;
    }
    try (FileChannel channel = DurableFiles.openNew(directory.resolve(LAYOUT))) {
      Writer out =
          new BufferedWriter(
              new OutputStreamWriter(Channels.newOutputStream(channel), StandardCharsets.UTF_8));
      for (LayoutLine line : lines) {
        out.write(Json.LINE.writeValueAsString(line) + "\n");
      }
      out.flush();
      channel.force(true);
    }
  }

  /// The SHA-256 of a file.
  ///
  /// @param progress called with the bytes read
  public static Digest digest(Path file, LongConsumer progress) throws IOException {
    MessageDigest sha256 = Digest.newSha256();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        buffer.flip();
        progress.accept(buffer.remaining());
        sha256.update(buffer);
        buffer.clear();
      }
    }
    return Digest.of(sha256);
  }

  /// Receives each damage as it is found; a tree can have very many.
  @FunctionalInterface
  public interface DamageListener {
    void found(Damage damage);
  }

  /// Reads back every byte of a backup and compares it with what was written.
  ///
  /// @param checksums the digest of `SHA256SUMS` that `backup.json` states
  /// @param progress called with the bytes read, from several threads
  public static void verify(
      Path directory, Digest checksums, LongConsumer progress, DamageListener damage)
      throws IOException, InterruptedException {
    Path sums = directory.resolve(CHECKSUMS);
    if (!Files.isRegularFile(sums)) {
      damage.found(
          new Damage(
              CHECKSUMS,
              Damage.Kind.MISSING,
              message("missing; without it no file can be verified")));
      return;
    }
    Digest found = digest(sums, progress);
    if (!found.equals(checksums)) {
      damage.found(changed(CHECKSUMS, checksums, found));
      return; // every line in it is in doubt
    }
    try (TaskGroup group = TaskGroup.ofWorkers(WORKERS);
        ExpectedFiles files = new ExpectedFiles(sums);
        ExpectedLayout layout = new ExpectedLayout(directory.resolve(LAYOUT))) {
      Verification verification =
          new Verification(directory, group, files, layout, progress, damage);
      DirectoryTree.walk(directory, verification::visit);
      verification.end();
    }
  }

  private static Damage changed(String path, Digest expected, Digest found) {
    return new Damage(
        path,
        Damage.Kind.CHANGED,
        message("its content changed: expected SHA-256 {0}, found {1}", expected, found));
  }

  /// A sequence of expected entries in the order of [DirectoryTree], read as it is needed.
  private abstract static class Expected<T> implements AutoCloseable {

    private final @Nullable BufferedReader reader;
    @Nullable T next;

    Expected(Path file) throws IOException {
      reader = Files.exists(file) ? Files.newBufferedReader(file) : null;
      advance();
    }

    abstract @Nullable T parse(String line);

    abstract String path(T expected);

    final void advance() throws IOException {
      String line = reader == null ? null : reader.readLine();
      next = line == null ? null : parse(line);
    }

    /// The expected entry at `path`, if there is one; those before it are reported as missing.
    final @Nullable T take(String path, DamageListener damage) throws IOException {
      while (next != null && DirectoryTree.compare(path(next), path) < 0) {
        missing(next, damage);
        advance();
      }
      if (next == null || !path(next).equals(path)) {
        return null;
      }
      T found = next;
      advance();
      return found;
    }

    final void reportRest(DamageListener damage) throws IOException {
      while (next != null) {
        missing(next, damage);
        advance();
      }
    }

    private void missing(T expected, DamageListener damage) {
      damage.found(new Damage(path(expected), Damage.Kind.MISSING, message("missing")));
    }

    @Override
    public void close() throws IOException {
      if (reader != null) {
        reader.close();
      }
    }
  }

  private record FileLine(String path, Digest digest) {}

  private static final class ExpectedFiles extends Expected<FileLine> {

    ExpectedFiles(Path file) throws IOException {
      super(file);
    }

    @Override
    FileLine parse(String line) {
      boolean escaped = line.startsWith("\\");
      String rest = escaped ? line.substring(1) : line;
      String path = rest.substring(66);
      return new FileLine(escaped ? unescape(path) : path, new Digest(rest.substring(0, 64)));
    }

    private static String unescape(String path) {
      return path.replace("\\\\", "\u0000").replace("\\n", "\n").replace("\u0000", "\\");
    }

    @Override
    String path(FileLine expected) {
      return expected.path;
    }
  }

  private static final class ExpectedLayout extends Expected<LayoutLine> {

    private boolean broken;

    ExpectedLayout(Path file) throws IOException {
      super(file);
    }

    @Override
    @Nullable LayoutLine parse(String line) {
      try {
        return Json.LINE.readValue(line, LayoutLine.class);
      } catch (JacksonException e) {
        broken = true; // its digest will be found wrong; nothing more can be compared with it
        return null;
      }
    }

    @Override
    String path(LayoutLine expected) {
      return expected.path;
    }
  }

  /// Goes through the tree and the two lists side by side.
  private static final class Verification {

    private final Path directory;
    private final TaskGroup group;
    private final ExpectedFiles files;
    private final ExpectedLayout layout;
    private final LongConsumer progress;
    private final DamageListener damage;
    private final Deque<PendingCheck> pending = new ArrayDeque<>();

    private record PendingCheck(FileLine expected, Future<Digest> found) {}

    Verification(
        Path directory,
        TaskGroup group,
        ExpectedFiles files,
        ExpectedLayout layout,
        LongConsumer progress,
        DamageListener damage) {
      this.directory = directory;
      this.group = group;
      this.files = files;
      this.layout = layout;
      this.progress = progress;
      this.damage = damage;
    }

    void visit(DirectoryTree.Entry entry) throws IOException, InterruptedException {
      switch (entry.type()) {
        case FILE -> visitFile(entry);
        case DIRECTORY, LINK -> visitLayout(entry);
        case OTHER -> extra(entry.path());
      }
    }

    private void visitFile(DirectoryTree.Entry entry) throws IOException, InterruptedException {
      if (entry.path().equals(BACKUP) || entry.path().equals(CHECKSUMS)) {
        return; // they are checked by the digests in backup.json
      }
      FileLine expected = files.take(entry.path(), damage);
      if (expected == null) {
        extra(entry.path());
        return;
      }
      pending.addLast(
          new PendingCheck(
              expected, group.submit(() -> digest(directory.resolve(entry.path()), progress))));
      if (pending.size() > AHEAD) {
        check(pending.removeFirst());
      }
    }

    private void visitLayout(DirectoryTree.Entry entry) throws IOException {
      LayoutLine expected = layout.take(entry.path(), damage);
      if (layout.broken) {
        return;
      }
      if (expected == null || expected.type != entry.type()) {
        extra(entry.path());
      } else if (expected.target.isPresent()) {
        String target = Files.readSymbolicLink(directory.resolve(entry.path())).toString();
        if (!target.equals(expected.target.get())) {
          damage.found(
              new Damage(
                  entry.path(),
                  Damage.Kind.CHANGED,
                  message(
                      "a link that leads elsewhere: expected {0}, found {1}",
                      expected.target.get(), target)));
        }
      }
    }

    private void extra(String path) {
      damage.found(new Damage(path, Damage.Kind.EXTRA, message("is not part of the backup")));
    }

    private void check(PendingCheck check) throws InterruptedException {
      try {
        Digest found = TaskGroup.join(check.found);
        if (!found.equals(check.expected.digest)) {
          damage.found(changed(check.expected.path, check.expected.digest, found));
        }
      } catch (AccessDeniedException e) {
        damage.found(
            new Damage(
                check.expected.path,
                Damage.Kind.DENIED,
                message("may not be read by this user, so nothing is known of it")));
      } catch (IOException e) {
        damage.found(
            new Damage(
                check.expected.path,
                Damage.Kind.UNREADABLE,
                message("cannot be read: {0}", Problems.of(e))));
      }
    }

    void end() throws IOException, InterruptedException {
      while (!pending.isEmpty()) {
        check(pending.removeFirst());
      }
      files.reportRest(damage);
      layout.reportRest(damage);
    }
  }
}
