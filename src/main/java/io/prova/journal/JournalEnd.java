package io.prova.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;

/// How the file ends: its last record, and what stands after it.
final class JournalEnd {

  /// Nearly always enough for the last line, so that an append costs one small read.
  private static final int FIRST_LOOK = 4096;

  /// Empty when there is none within [LineReader#LONGEST] of the end.
  final Optional<JournalRecord> last;

  /// What stands after the last record's line and is no record: what a crash left.
  final byte[] loose;

  /// What is appended must first end the line: it is loose, or a record that lacks only its line
  /// end.
  final boolean unfinished;

  private JournalEnd(Optional<JournalRecord> last, byte[] loose, boolean unfinished) {
    this.last = last;
    this.loose = loose;
    this.unfinished = unfinished;
  }

  static JournalEnd of(FileChannel file) throws IOException {
    long size = file.size();
    for (int look = FIRST_LOOK; look < LineReader.LONGEST && look < size; look *= 4) {
      JournalEnd end = find(file, size, look);
      if (end.last.isPresent()) {
        return end;
      }
    }
    return find(file, size, LineReader.LONGEST);
  }

  private static JournalEnd find(FileChannel file, long size, int look) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(look, size));
    LineReader.readFully(file, buffer, size - buffer.limit());
    byte[] window = buffer.array();
    int lineStart;
    for (int lineEnd = window.length; lineEnd >= 0; lineEnd = lineStart - 1) {
      lineStart = lastLineEnd(window, lineEnd) + 1;
      if (JournalLine.parse(Arrays.copyOfRange(window, lineStart, lineEnd))
          instanceof JournalRecord last) {
        boolean ended = lineEnd < window.length;
        byte[] loose = Arrays.copyOfRange(window, ended ? lineEnd + 1 : lineEnd, window.length);
        return new JournalEnd(Optional.of(last), loose, !ended || loose.length > 0);
      }
    }
    return new JournalEnd(Optional.empty(), window, window.length > 0);
  }

  private static int lastLineEnd(byte[] window, int before) {
    int at = before - 1;
    while (at >= 0 && window[at] != '\n') {
      at--;
    }
    return at;
  }
}
