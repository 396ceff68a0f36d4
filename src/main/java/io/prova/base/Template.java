package io.prova.base;

import java.nio.file.Path;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Fills the placeholders of a message's text.
final class Template {

  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xxx");

  private Template() {}

  /// @throws IllegalArgumentException if a placeholder is malformed or has no value: a bug of ours
  static String fill(String text, List<Object> values, Language language) {
    StringBuilder out = new StringBuilder(text.length() + 32);
    int at = 0;
    while (true) {
      int open = text.indexOf('{', at);
      if (open < 0) {
        return out.append(text, at, text.length()).toString();
      }
      out.append(text, at, open);
      int close = text.indexOf('}', open);
      if (close < 0) {
        throw new IllegalArgumentException("message has an unclosed placeholder: " + text);
      }
      out.append(placeholder(text.substring(open + 1, close), text, values, language));
      at = close + 1;
    }
  }

  private static String placeholder(
      String inside, String text, List<Object> values, Language language) {
    String[] parts = inside.split("\\|", -1);
    int index;
    try {
      index = Integer.parseInt(parts[0]);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("message has a placeholder without a number: " + text, e);
    }
    if (index >= values.size()) {
      throw new IllegalArgumentException("message lacks value {" + index + "}: " + text);
    }
    Object value = values.get(index);
    if (parts.length == 1) {
      return show(value, language);
    }
    if (parts.length != 3 || !(value instanceof Number number)) {
      throw new IllegalArgumentException("message needs {n|one|many} and a number: " + text);
    }
    return number.longValue() == 1 ? parts[1] : parts[2];
  }

  static String show(Object value, Language language) {
    return switch (value) {
      case Message nested -> nested.in(language);
      case StoredText stored -> Text.visible(stored.in(language));
      case ByteCount bytes -> bytes.in(language);
      case Duration duration -> Durations.in(language, duration);
      case ZonedDateTime moment -> MOMENT.format(moment);
      case Instant instant -> MOMENT.format(instant.atZone(ZoneOffset.UTC));
      case Long number -> NumberFormat.getIntegerInstance(language.locale()).format(number);
      case Path path -> Text.visible(path.toString());
      case Collection<?> many ->
          many.stream().map(each -> show(each, language)).collect(Collectors.joining(", "));
      default -> Text.visible(String.valueOf(value));
    };
  }
}
