package io.prova.base;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How lengths of time are read and shown.
public final class Durations {

  private static final Pattern WRITTEN =
      Pattern.compile("([0-9]+)\\s*(ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)");

  private Durations() {}

  /// Reads `90 s`, `15 min`, `6h`, `3d`.
  ///
  /// @throws IllegalArgumentException if `text` is not such a length; a bare number has no unit and
  ///   is refused
  public static Duration parse(String text) {
    Matcher matcher = WRITTEN.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a length of time: " + text);
    }
    long amount = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    if (unit.equals("ms")) {
      return Duration.ofMillis(amount);
    }
    return switch (unit.charAt(0)) {
      case 's' -> Duration.ofSeconds(amount);
      case 'm' -> Duration.ofMinutes(amount);
      case 'h' -> Duration.ofHours(amount);
      case 'd' -> Duration.ofDays(amount);
      default -> Duration.ofDays(Math.multiplyExact(7, amount));
    };
  }

  /// The two largest units: `2 d 3 h`, `4 min 10 s`, `0.8 s`.
  public static String in(Language language, Duration duration) {
    boolean negative = duration.isNegative();
    Duration length = duration.abs();
    String shown;
    if (length.toSeconds() < 10) {
      shown = String.format(language.locale(), "%.1f s", length.toMillis() / 1000.0);
    } else if (length.toMinutes() < 1) {
      shown = length.toSeconds() + " s";
    } else if (length.toHours() < 1) {
      shown = length.toMinutes() + " min " + length.toSecondsPart() + " s";
    } else if (length.toDays() < 1) {
      shown = length.toHours() + " h " + length.toMinutesPart() + " min";
    } else {
      shown = length.toDays() + " d " + length.toHoursPart() + " h";
    }
    return negative ? "-" + shown : shown;
  }

  /// Seconds with milliseconds, as they stand in JSON.
  public static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
