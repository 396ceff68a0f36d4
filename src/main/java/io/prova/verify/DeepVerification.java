package io.prova.verify;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.Packed;
import io.prova.catalog.BackupContent;
import io.prova.catalog.Damage;
import io.prova.engine.Unpacker;
import io.prova.engine.Unpacker.FileSink;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.Check;
import io.prova.engine.pack.PackReader;
import io.prova.postgres.DataDirectory;
import io.prova.postgres.Lsn;
import io.prova.postgres.PageChecksum;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// Puts a packed backup together without writing it anywhere: every frame is decoded, every file
/// has all its bytes and its check, every page its checksum. So a restore will find what it needs.
final class DeepVerification implements Unpacker.Destination {

  private static final int MOST_FOUND = 100;

  private final Backup backup;
  private final boolean pages;
  private final LongConsumer progress;
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final List<Damage> found = new ArrayList<>();

  private DeepVerification(Backup backup, LongConsumer progress) {
    this.backup = backup;
    this.pages = backup.physical().orElseThrow().dataChecksums();
    this.progress = progress;
  }

  /// @param content of the backup, whose stored bytes are as they were written
  /// @param progress hears of raw bytes, from several threads
  /// @return what keeps it from being put together
  static List<Damage> run(BackupContent content, Backup backup, LongConsumer progress)
      throws IOException, InterruptedException {
    Packed packed = backup.physical().orElseThrow().packed().orElseThrow();
    DeepVerification deep = new DeepVerification(backup, progress);
    PackReader packs = new PackReader(content.packs(), "");
    try (InputStream stored = content.stream(packed.manifest());
        ManifestReader manifest = new ManifestReader(packed.manifest(), stored)) {
      new Unpacker(packs, deep, Runtime.getRuntime().availableProcessors()).run(manifest);
    } catch (BadObjectException e) {
      deep.found(e.object(), message("cannot be put together: {0}", e.finding()));
      return deep.found;
    }
    if (deep.files.get() != packed.files() || deep.bytes.get() != packed.bytes().bytes()) {
      deep.found(
          packed.manifest(),
          message(
              "names {0} files of {1} bytes, backup.json {2} of {3}",
              deep.files.get(), deep.bytes.get(), packed.files(), packed.bytes().bytes()));
    }
    return deep.found;
  }

  private synchronized void found(String path, Message detail) {
    if (found.size() < MOST_FOUND) {
      found.add(new Damage(path, Damage.Kind.CHANGED, detail));
    }
  }

  @Override
  public void directory(ManifestLine.Directory directory) {}

  /// Those with nothing but tar headers are what `zstd | tar` needs.
  @Override
  public boolean everyFrame() {
    return true;
  }

  @Override
  public Optional<FileSink> file(ManifestLine.File file) {
    files.incrementAndGet();
    bytes.addAndGet(file.size());
    return Optional.of(
        new CheckedFile(
            file, pages ? DataDirectory.firstBlock(file.path()) : OptionalLong.empty()));
  }

  /// The bytes of a file, gone once they are checked.
  private final class CheckedFile implements FileSink {

    /// A piece of the file.
    private record Piece(int length, Check check) {}

    private final ManifestLine.File line;
    private final OptionalLong firstBlock;
    private final Map<Long, Piece> pieces = new TreeMap<>();

    CheckedFile(ManifestLine.File line, OptionalLong firstBlock) {
      this.line = line;
      this.firstBlock = firstBlock;
    }

    @Override
    public void write(ByteBuffer bytes, long offset) {
      int length = bytes.remaining();
      Piece piece = new Piece(length, Check.of(bytes));
      synchronized (pieces) {
        pieces.put(offset, piece);
      }
      if (firstBlock.isPresent()) {
        checkPages(MemorySegment.ofBuffer(bytes), length, offset);
      }
      progress.accept(length);
    }

    /// A page that the server wrote while it was read may be there in halves; its last change is
    /// then in the backup's WAL, which makes it whole. A change beyond that WAL nothing would make
    /// whole: such a page was read when the backup had ended.
    private void checkPages(MemorySegment bytes, int length, long offset) {
      Lsn start = backup.physical().orElseThrow().startLsn();
      Lsn stop = backup.physical().orElseThrow().stopLsn();
      for (int at = 0; at + PageChecksum.PAGE <= length; at += PageChecksum.PAGE) {
        int inFile = (int) ((offset + at) / PageChecksum.PAGE);
        if (line.badPages().contains(inFile)) {
          continue;
        }
        Lsn changed = PageChecksum.lsn(bytes, at);
        if (PageChecksum.isRight(bytes, at, firstBlock.getAsLong() + inFile)) {
          if (changed.compareTo(stop) > 0) {
            found(
                line.path(),
                message(
                    "page {0} was changed at {1}, and the backup's WAL ends at {2}",
                    inFile, changed.toString(), stop.toString()));
          }
        } else if (changed.compareTo(start) < 0) {
          found(line.path(), message("page {0} has a wrong checksum", inFile));
        }
      }
    }

    @Override
    public void finish() {
      Check check = Check.EMPTY;
      long at = 0;
      synchronized (pieces) {
        for (Map.Entry<Long, Piece> each : pieces.entrySet()) {
          if (each.getKey() != at) {
            break;
          }
          check = check.then(each.getValue().check, each.getValue().length);
          at += each.getValue().length;
        }
      }
      if (at != line.size() || !check.equals(line.check())) {
        found(line.path(), message("does not come out as it was read"));
      }
    }
  }
}
