package io.prova.engine;

import io.prova.engine.Unpacker.FileSink;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.pack.Check;
import io.prova.storage.FileMode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/// Puts a file on the disk. In a new file pages of zeroes stay holes.
public final class FileOnDisk implements FileSink {

  private static final int PAGE = 8192;

  /// Hears what becomes of files. Called by several threads.
  public interface Listener {

    /// So many more bytes are where they belong.
    void wrote(long bytes);

    /// A file has all its bytes, and its mode.
    void placed(Path file) throws IOException;
  }

  private final ManifestLine.File line;
  private final Path place;
  private final boolean reuse;
  private final Listener listener;
  private @Nullable RandomAccessFile open;

  /// @param reuse keep what is right of a file that is there; otherwise that is an error
  public FileOnDisk(ManifestLine.File line, Path place, boolean reuse, Listener listener) {
    this.line = line;
    this.place = place;
    this.reuse = reuse;
    this.listener = listener;
  }

  @Override
  public boolean reuses() {
    return reuse;
  }

  @Override
  public boolean holds(ByteBuffer scratch, long offset, Check expected) throws IOException {
    if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    FileChannel channel = channel();
    while (scratch.hasRemaining()) {
      if (channel.read(scratch, offset + scratch.position()) < 0) {
        return false;
      }
    }
    return Check.of(scratch.flip()).equals(expected);
  }

  private synchronized FileChannel channel() throws IOException {
    RandomAccessFile file = open;
    if (file == null) {
      if (!reuse) {
        Files.createFile(place);
      } else if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(place); // never through a link, out of the directory
      }
      file = new RandomAccessFile(place.toFile(), "rw");
      open = file;
      if (file.length() != line.size()) {
        file.setLength(line.size());
      }
    }
    return file.getChannel();
  }

  @Override
  public void write(ByteBuffer bytes, long offset) throws IOException {
    FileChannel channel = channel();
    int begin = bytes.position();
    int end = bytes.limit();
    for (int from = begin; from < end; ) {
      boolean hole = !reuse && isZeroPage(bytes, from, end);
      int to = reuse ? end : endOfRun(bytes, from, end, hole);
      if (!hole) {
        bytes.limit(to).position(from);
        for (long at = offset + from - begin; bytes.hasRemaining(); ) {
          at += channel.write(bytes, at);
        }
        bytes.limit(end);
      }
      from = to;
    }
    listener.wrote(end - begin);
  }

  /// Where the run of pages ends that are all zeroes (or all not).
  private static int endOfRun(ByteBuffer bytes, int from, int end, boolean zeroes) {
    int at = from;
    while (at < end && isZeroPage(bytes, at, end) == zeroes) {
      at = Math.min(end, at + PAGE);
    }
    return at;
  }

  private static boolean isZeroPage(ByteBuffer bytes, int from, int end) {
    if (end - from < PAGE) {
      return false;
    }
    for (int at = from; at < from + PAGE; at += Long.BYTES) {
      if (bytes.getLong(at) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void kept(long bytes) {
    listener.wrote(bytes);
  }

  @Override
  public synchronized void giveUp() throws IOException {
    RandomAccessFile file = open;
    if (file != null) {
      file.close();
      open = null;
    }
  }

  @Override
  public synchronized void finish() throws IOException {
    channel();
    giveUp();
    Files.setPosixFilePermissions(place, FileMode.permissions(Integer.parseInt(line.mode(), 8)));
    Files.setLastModifiedTime(place, FileTime.from(line.mtime()));
    listener.placed(place);
  }
}
