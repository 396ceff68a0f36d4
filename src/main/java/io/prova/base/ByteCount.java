package io.prova.base;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An amount of bytes, shown as people read it: `1.4 GiB`.
public record ByteCount(@JsonValue long bytes) implements Comparable<ByteCount> {

  public static final ByteCount ZERO = new ByteCount(0);

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final Pattern WRITTEN =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([kKmMgGtT]?)(i?)[bB]?");

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public ByteCount {
    if (bytes < 0) {
      throw new IllegalArgumentException("negative size: " + bytes);
    }
  }

  /// Reads `500`, `64 kB`, `1.5 GiB`; `k`, `M`, `G`, `T` are powers of 1024, as in PostgreSQL's
  /// settings.
  ///
  /// @throws IllegalArgumentException if `text` is not such a size
  public static ByteCount parse(String text) {
    Matcher matcher = WRITTEN.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a size: " + text);
    }
    int power = " kmgt".indexOf(matcher.group(2).toLowerCase(Locale.ROOT));
    double bytes =
        Double.parseDouble(matcher.group(1))
            * Math.pow(1024, matcher.group(2).isEmpty() ? 0 : power);
    if (bytes > Long.MAX_VALUE) {
      throw new IllegalArgumentException("size too large: " + text);
    }
    return new ByteCount((long) bytes);
  }

  public ByteCount plus(ByteCount other) {
    return new ByteCount(Math.addExact(bytes, other.bytes));
  }

  @Override
  public int compareTo(ByteCount other) {
    return Long.compare(bytes, other.bytes);
  }

  public String in(Language language) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    if (unit == 0) {
      return bytes + " B";
    }
    DecimalFormat format =
        new DecimalFormat(value < 10 ? "0.00" : "0.0", new DecimalFormatSymbols(language.locale()));
    return format.format(value) + " " + UNITS[unit];
  }

  @Override
  public String toString() {
    return in(Language.ENGLISH);
  }
}
