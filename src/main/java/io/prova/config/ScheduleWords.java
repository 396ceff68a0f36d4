package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.Text;
import io.prova.config.DaysAndTimes.Days;
import io.prova.config.DaysAndTimes.OnDayOfMonth;
import io.prova.config.DaysAndTimes.OnWeekdays;
import java.text.Normalizer;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Schedules in plain English and Portuguese words. Case, accents and repeated blanks do not
/// matter.
final class ScheduleWords {

  private static final String TIME = " (\\d{1,2}:\\d{2})";
  private static final String MINUTE = "(?: :(\\d{2}))?";
  private static final Pattern DAILY = Pattern.compile("(?:daily|diario|diariamente)" + TIME);
  private static final Pattern WORKDAYS = Pattern.compile("(?:weekdays|dias uteis)" + TIME);
  private static final Pattern MONTHLY =
      Pattern.compile("(?:monthly|mensal|mensalmente) (\\d{1,2}|last|ultimo)" + TIME);
  private static final Pattern HOURLY = Pattern.compile("(?:hourly|a cada hora)" + MINUTE);
  private static final Pattern EVERY_HOURS =
      Pattern.compile("(?:every|a cada) (\\d{1,2}) (?:hours|horas)" + MINUTE);
  private static final Pattern ON_WEEKDAYS = Pattern.compile("([a-z-]+(?:,[a-z-]+)*)" + TIME);

  private static final Set<DayOfWeek> MONDAY_TO_FRIDAY =
      EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY);
  private static final Map<String, DayOfWeek> WEEKDAYS = weekdays();
  private static final int LAST = 31;
  private static final int LAST_IN_EVERY_MONTH = 28;

  private ScheduleWords() {}

  private static Map<String, DayOfWeek> weekdays() {
    Map<String, DayOfWeek> words = new TreeMap<>();
    String[] portuguese = {"segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo"};
    for (DayOfWeek day : DayOfWeek.values()) {
      String english = day.name().toLowerCase(Locale.ROOT);
      String translated = portuguese[day.getValue() - 1];
      words.put(english, day);
      words.put(english.substring(0, 3), day);
      words.put(translated, day);
      words.put(translated.substring(0, 3), day);
      if (MONDAY_TO_FRIDAY.contains(day)) {
        words.put(translated + "-feira", day);
      }
    }
    return Map.copyOf(words);
  }

  /// @throws InvalidValue saying what was expected
  static Recurrence parse(String text) {
    String words =
        Normalizer.normalize(text.strip().toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
            .replaceAll("\\p{M}", "")
            .replaceAll("\\s+", " ")
            .replace(", ", ",");
    Matcher matcher = DAILY.matcher(words);
    if (matcher.matches()) {
      return atTime(
          new OnWeekdays(EnumSet.allOf(DayOfWeek.class)), message("every day"), matcher, 1);
    }
    matcher = WORKDAYS.matcher(words);
    if (matcher.matches()) {
      return atTime(new OnWeekdays(MONDAY_TO_FRIDAY), message("from Monday to Friday"), matcher, 1);
    }
    matcher = MONTHLY.matcher(words);
    if (matcher.matches()) {
      return monthly(matcher);
    }
    matcher = HOURLY.matcher(words);
    if (matcher.matches()) {
      return everyHours(1, matcher.group(1));
    }
    matcher = EVERY_HOURS.matcher(words);
    if (matcher.matches()) {
      return everyHours(Integer.parseInt(matcher.group(1)), matcher.group(2));
    }
    matcher = ON_WEEKDAYS.matcher(words);
    if (matcher.matches()) {
      return onWeekdays(matcher);
    }
    throw new InvalidValue(
        message(
            "expected a schedule such as \"daily 02:00\", \"sunday 03:00\", \"monthly 1 04:00\" or a cron line of five fields, found {0}",
            Found.quoted(text)));
  }

  private static Recurrence atTime(Days days, Message onDays, Matcher matcher, int group) {
    LocalTime time = time(matcher.group(group));
    return new DaysAndTimes(
        days, new TreeSet<>(Set.of(time)), message("{0} at {1}", onDays, time.toString()));
  }

  private static LocalTime time(String text) {
    int colon = text.indexOf(':');
    int hour = Integer.parseInt(text.substring(0, colon));
    int minute = Integer.parseInt(text.substring(colon + 1));
    if (hour > 23 || minute > 59) {
      throw new InvalidValue(message("expected a time from 00:00 to 23:59, found \"{0}\"", text));
    }
    return LocalTime.of(hour, minute);
  }

  private static Recurrence monthly(Matcher matcher) {
    String word = matcher.group(1);
    if (!Character.isDigit(word.charAt(0))) {
      return atTime(new OnDayOfMonth(LAST), message("on the last day of every month"), matcher, 2);
    }
    int day = Integer.parseInt(word);
    if (day < 1 || day > LAST) {
      throw new InvalidValue(
          message("expected a day of the month from 1 to 31 or \"last\", found \"{0}\"", word));
    }
    Message onDay =
        day <= LAST_IN_EVERY_MONTH
            ? message("on day {0} of every month", day)
            : message("on day {0} of every month, or its last day", day);
    return atTime(new OnDayOfMonth(day), onDay, matcher, 2);
  }

  private static Recurrence everyHours(int hours, @Nullable String minuteText) {
    // Others would make one interval of the day shorter than the rest.
    if (hours == 0 || 24 % hours != 0) {
      throw new InvalidValue(
          message(
              "expected every 1, 2, 3, 4, 6, 8, 12 or 24 hours, so that days are alike, found {0}",
              hours));
    }
    int minute = minuteText == null ? 0 : Integer.parseInt(minuteText);
    if (minute > 59) {
      throw new InvalidValue(message("expected a minute from :00 to :59, found \":{0}\"", minute));
    }
    LocalTime first = LocalTime.of(0, minute);
    NavigableSet<LocalTime> times = new TreeSet<>();
    for (int hour = 0; hour < 24; hour += hours) {
      times.add(first.plusHours(hour));
    }
    return new DaysAndTimes(
        new OnWeekdays(EnumSet.allOf(DayOfWeek.class)),
        times,
        hours == 1
            ? message("every hour at minute {0}", first.getMinute())
            : message("every {0} hours from {1}", hours, first.toString()));
  }

  private static Recurrence onWeekdays(Matcher matcher) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String word : matcher.group(1).split(",", -1)) {
      days.add(weekday(word));
    }
    List<Message> names = new ArrayList<>();
    days.forEach(day -> names.add(on(day)));
    return atTime(new OnWeekdays(days), message("{0}", names), matcher, 2);
  }

  private static DayOfWeek weekday(String word) {
    DayOfWeek day = WEEKDAYS.get(word);
    if (day != null) {
      return day;
    }
    List<String> known = new ArrayList<>(WEEKDAYS.keySet());
    known.addAll(List.of("daily", "diario", "weekdays", "monthly", "mensal", "hourly"));
    Optional<String> meant = Text.nearest(word, known);
    throw new InvalidValue(
        meant.isPresent()
            ? message("\"{0}\" is not a day; did you mean \"{1}\"?", word, meant.get())
            : message("\"{0}\" is not a day such as \"sunday\"", word));
  }

  private static Message on(DayOfWeek day) {
    return switch (day) {
      case MONDAY -> message("on Mondays");
      case TUESDAY -> message("on Tuesdays");
      case WEDNESDAY -> message("on Wednesdays");
      case THURSDAY -> message("on Thursdays");
      case FRIDAY -> message("on Fridays");
      case SATURDAY -> message("on Saturdays");
      case SUNDAY -> message("on Sundays");
    };
  }
}
