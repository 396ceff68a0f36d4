package io.prova.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A position in the WAL, unsigned, written `16/B374D848` (PostgreSQL's `pg_lsn`).
public record Lsn(long value) implements Comparable<Lsn> {

  private static final Pattern WRITTEN = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

  @JsonCreator
  public static Lsn parse(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not an LSN: " + text);
    }
    return new Lsn(
        Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
  }

  /// Where the WAL segment that contains this position begins.
  public Lsn segmentStart(long segmentBytes) {
    return new Lsn(value - Long.remainderUnsigned(value, segmentBytes));
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @JsonValue
  @Override
  public String toString() {
    return Long.toHexString(value >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(value & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
  }
}
