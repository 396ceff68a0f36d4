package io.prova.journal;

import io.prova.base.Message;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// The lines of a part of a file, one after the other, never more than one in memory.
final class LineReader implements AutoCloseable {

  /// Longer ones are cut: far more than any record, little against memory.
  static final int LONGEST = 1 << 20;

  private static final int BLOCK = 64 * 1024;

  static final class RawLine {

    /// Without the line end.
    final byte[] bytes;

    /// A line end followed.
    final boolean ended;

    /// There was more than [#LONGEST].
    final boolean cut;

    private RawLine(ByteArrayOutputStream bytes, boolean ended, boolean cut) {
      this.bytes = bytes.toByteArray();
      this.ended = ended;
      this.cut = cut;
    }

    Line read() {
      return ended
          ? JournalLine.parse(bytes)
          : new Line.Flaw(
              Message.message(
                  "the last line is unfinished: a crash cut it short, which the next command will record"),
              Message.message("a line end"),
              Message.message("{0} {0|byte|bytes} without it", bytes.length));
    }
  }

  private final InputStream in;
  private long left;

  private LineReader(InputStream in, long left) {
    this.in = in;
    this.left = left;
  }

  /// Reads `file` from byte `from` up to byte `to`; there is nothing to read in an absent file.
  static LineReader open(Path file, long from, long to) throws IOException {
    InputStream in =
        from == to
            ? InputStream.nullInputStream()
            : new BufferedInputStream(Files.newInputStream(file), BLOCK);
    try {
      in.skipNBytes(from == to ? 0 : from);
    } catch (IOException e) {
      in.close();
      throw e;
    }
    return new LineReader(in, to - from);
  }

  /// Where the last `count` lines of the first `size` bytes begin.
  static long startOfLast(Path file, long size, int count) throws IOException {
    if (size == 0) {
      return 0;
    }
    int lineEnds = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long blockEnd = size; blockEnd > 0; blockEnd -= BLOCK) {
        long blockStart = Math.max(0, blockEnd - BLOCK);
        ByteBuffer block = ByteBuffer.allocate((int) (blockEnd - blockStart));
        readFully(channel, block, blockStart);
        for (int at = block.limit() - 1; at >= 0; at--) {
          // The line end before the first of them is one more than there are lines.
          if (block.get(at) == '\n' && lineEnds++ == count) {
            return blockStart + at + 1;
          }
        }
      }
    }
    return 0;
  }

  static void readFully(FileChannel channel, ByteBuffer buffer, long from) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
  }

  /// The next line; empty at the end.
  Optional<RawLine> next() throws IOException {
    if (left == 0) {
      return Optional.empty();
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    boolean cut = false;
    for (; left > 0; left--) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the file became shorter while it was read");
      }
      if (b == '\n') {
        left--;
        return Optional.of(new RawLine(line, true, cut));
      }
      if (line.size() < LONGEST) {
        line.write(b);
      } else {
        cut = true;
      }
    }
    return Optional.of(new RawLine(line, false, cut));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
