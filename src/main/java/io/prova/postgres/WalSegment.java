package io.prova.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A WAL segment's file: its timeline and its number. Source: PostgreSQL's
/// `src/include/access/xlog_internal.h`.
///
/// @param number counted from the beginning of WAL
public record WalSegment(int timeline, long number) {

  private static final long WAL_OF_A_HIGH_WORD = 1L << 32;

  /// The segments that hold the WAL from `from` up to `end`.
  ///
  /// @param end exclusive, as PostgreSQL gives the end of a backup; a segment that begins there is
  ///   not needed
  public static List<WalSegment> between(int timeline, Lsn from, Lsn end, long segmentBytes) {
    List<WalSegment> segments = new ArrayList<>();
    long last = Long.divideUnsigned(Math.max(end.value() - 1, from.value()), segmentBytes);
    for (long number = Long.divideUnsigned(from.value(), segmentBytes); number <= last; number++) {
      segments.add(new WalSegment(timeline, number));
    }
    return segments;
  }

  /// 24 hexadecimal digits.
  public String fileName(long segmentBytes) {
    long perHighWord = WAL_OF_A_HIGH_WORD / segmentBytes;
    return String.format(
        Locale.ROOT, "%08X%08X%08X", timeline, number / perHighWord, number % perHighWord);
  }
}
