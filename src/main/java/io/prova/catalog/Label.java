package io.prova.catalog;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/// A backup's name: `YYYY-MM-DD_HH-MM` in the plan's time zone; a second one in the same minute
/// gets `-2`, and so on.
///
/// It names, it does not order: clocks can be set back. Order comes from [Backup#sequence].
public record Label(@JsonValue String text) {

  private static final Pattern WRITTEN =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}_\\d{2}-\\d{2}(-[1-9]\\d*)?");
  private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd_HH-mm");

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Label {
    if (!isLabel(text)) {
      throw new IllegalArgumentException("not a label (YYYY-MM-DD_HH-MM): " + text);
    }
  }

  public static boolean isLabel(String text) {
    return WRITTEN.matcher(text).matches();
  }

  /// @param ordinal 1 for the first of its minute
  public static Label at(Instant moment, ZoneId zone, int ordinal) {
    String minute = MINUTE.format(moment.atZone(zone));
    return new Label(ordinal == 1 ? minute : minute + "-" + ordinal);
  }

  @Override
  public String toString() {
    return text;
  }
}
