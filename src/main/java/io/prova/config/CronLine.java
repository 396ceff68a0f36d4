package io.prova.config;

import static io.prova.base.Message.message;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.prova.base.Message;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A line of five fields as crontab(5) takes it. A day fits when its day of the month or its day of
/// the week does, if both are limited.
record CronLine(String text, ExecutionTime times) implements Recurrence {

  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  /// The library would take more, such as two lines in one.
  private static final Pattern FIELD = Pattern.compile("[0-9A-Z*/,-]+");

  private static final LocalDateTime ANY_TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

  /// In cron's order.
  private enum Field {
    MINUTE,
    HOUR,
    DAY_OF_MONTH,
    MONTH,
    DAY_OF_WEEK
  }

  /// @param text fields separated by blanks
  /// @throws InvalidValue saying which field is wrong, or that the line is never due
  static CronLine parse(String text) {
    String[] parts = text.toUpperCase(Locale.ROOT).split(" +", -1);
    if (parts.length != Field.values().length) {
      throw new InvalidValue(
          message(
              "a cron line has five fields (minute, hour, day of the month, month, day of the week), found {0}",
              parts.length));
    }
    Map<Field, String> fields = new EnumMap<>(Field.class);
    for (Field field : Field.values()) {
      fields.put(field, parts[fields.size()]);
    }
    fields.forEach(CronLine::checkAlone);
    String dayOfMonth = fields.getOrDefault(Field.DAY_OF_MONTH, "*");
    String dayOfWeek = fields.getOrDefault(Field.DAY_OF_WEEK, "*");
    // crontab(5) of Debian takes days that fit both here, others days that fit either.
    if (!dayOfMonth.equals("*")
        && !dayOfWeek.equals("*")
        && (dayOfMonth.startsWith("*") || dayOfWeek.startsWith("*"))) {
      throw new InvalidValue(
          message(
              "the cron line limits both the day of the month and the day of the week, one of them by a step: programs differ in what that means"));
    }
    CronLine line =
        new CronLine(text, ExecutionTime.forCron(PARSER.parse(String.join(" ", parts))));
    if (line.times.nextExecution(utc(ANY_TIME)).isEmpty()) {
      throw new InvalidValue(message("\"{0}\" is never due: no such day exists", text));
    }
    return line;
  }

  private static void checkAlone(Field field, String content) {
    if (FIELD.matcher(content).matches()) {
      try {
        PARSER.parse(
            Stream.of(Field.values())
                .map(each -> each == field ? content : "*")
                .collect(Collectors.joining(" ")));
        return;
      } catch (IllegalArgumentException e) {
        // told below, in our words
      }
    }
    throw new InvalidValue(expected(field, content));
  }

  private static Message expected(Field field, String found) {
    return switch (field) {
      case MINUTE -> message("the minute of a cron line is from 0 to 59, found \"{0}\"", found);
      case HOUR -> message("the hour of a cron line is from 0 to 23, found \"{0}\"", found);
      case DAY_OF_MONTH ->
          message("the day of the month of a cron line is from 1 to 31, found \"{0}\"", found);
      case MONTH ->
          message("the month of a cron line is from 1 to 12 or jan to dec, found \"{0}\"", found);
      case DAY_OF_WEEK ->
          message(
              "the day of the week of a cron line is from 0 (Sunday) to 7 (Sunday again) or sun to sat, found \"{0}\"",
              found);
    };
  }

  @Override
  public LocalDateTime next(LocalDateTime minute) {
    return local(times.nextExecution(utc(minute)));
  }

  @Override
  public LocalDateTime previous(LocalDateTime minute) {
    // The library looks for times before the one given, and knows seconds.
    return local(times.lastExecution(utc(minute).plusSeconds(1)));
  }

  /// UTC has no gaps and no overlaps, so that the library sees plain local times and its own rules
  /// for daylight saving do not come in.
  private static ZonedDateTime utc(LocalDateTime local) {
    return local.atZone(ZoneOffset.UTC);
  }

  private LocalDateTime local(Optional<ZonedDateTime> found) {
    return found
        .orElseThrow(() -> new IllegalStateException("a cron line is not due: " + text))
        .toLocalDateTime();
  }

  @Override
  public Message describe() {
    return message("at the times of the cron line {0}", text);
  }
}
