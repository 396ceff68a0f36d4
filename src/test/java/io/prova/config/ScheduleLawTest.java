package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// What holds for every schedule in every zone at every moment.
class ScheduleLawTest {

  /// Zones with jumps of an hour, half an hour, a day, at midnight; and the years in which they
  /// jump.
  private static final List<String> ZONES =
      List.of(
          "UTC",
          "America/Sao_Paulo",
          "America/New_York",
          "Australia/Lord_Howe",
          "Europe/Lisbon",
          "Asia/Kathmandu",
          "Pacific/Apia",
          "Africa/Cairo",
          "Antarctica/Troll");

  @Test
  void nextAndPreviousAgreeWithEachOtherAndNeverMissARun() {
    Random random = seeded();
    for (int i = 0; i < 3_000; i++) {
      String text = randomSchedule(random);
      Schedule schedule = Schedule.parse(text);
      ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
      Instant moment = randomMoment(random, zone);
      String law = text + " in " + zone + " at " + moment;

      Instant next = schedule.next(moment, zone);
      Instant previous = schedule.previous(moment, zone);
      assertThat(next).as(law).isAfter(moment);
      assertThat(previous).as(law).isBeforeOrEqualTo(moment);
      assertThat(schedule.previous(next, zone)).as(law).isEqualTo(next);
      assertThat(schedule.previous(next.minusNanos(1), zone)).as(law).isEqualTo(previous);
      assertThat(schedule.next(previous, zone)).as(law).isEqualTo(next);
      assertThat(schedule.next(previous.minusNanos(1), zone)).as(law).isEqualTo(previous);
    }
  }

  @Test
  void cronLinesAreDueExactlyWhenTheirFieldsFit() {
    Random random = seeded();
    for (int i = 0; i < 200; i++) {
      String text = randomCron(random);
      Predicate<LocalDateTime> fits = CronOracle.of(text);
      Schedule schedule = Schedule.parse(text);
      LocalDateTime start =
          LocalDate.of(2024, 1, 1).atStartOfDay().plusMinutes(random.nextInt(2 * 366 * 1440));
      LocalDateTime expected = start.plusMinutes(1);
      while (!fits.test(expected)) {
        expected = expected.plusMinutes(1);
      }
      assertThat(schedule.next(start.toInstant(ZoneOffset.UTC), ZoneOffset.UTC))
          .as(text + " after " + start)
          .isEqualTo(expected.toInstant(ZoneOffset.UTC));
    }
  }

  private static Random seeded() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed + " (repeat with -Dseed=" + seed + ")");
    return new Random(seed);
  }

  /// Half of them near a jump of the clock.
  private static Instant randomMoment(Random random, ZoneId zone) {
    Instant moment = Instant.parse("2005-01-01T00:00:00Z").plusSeconds(random.nextInt(800_000_000));
    ZoneOffsetTransition jump = zone.getRules().nextTransition(moment);
    if (jump == null || random.nextBoolean()) {
      return moment;
    }
    return jump.getInstant().plusSeconds(60L * (random.nextInt(6 * 60) - 3 * 60));
  }

  private static String randomSchedule(Random random) {
    String time = String.format("%02d:%02d", random.nextInt(24), 15 * random.nextInt(4));
    return switch (random.nextInt(7)) {
      case 0 -> "daily " + time;
      case 1 -> "weekdays " + time;
      case 2 -> DayOfWeek.of(1 + random.nextInt(7)).name() + " " + time;
      case 3 -> "monthly " + (1 + random.nextInt(31)) + " " + time;
      case 4 -> "hourly :" + (10 + random.nextInt(50));
      case 5 -> "every 6 hours";
      default -> randomCron(random);
    };
  }

  private static String randomCron(Random random) {
    boolean byWeekday = random.nextBoolean();
    return field(random, 0, 59)
        + " "
        + field(random, 0, 23)
        + " "
        + (byWeekday ? "*" : field(random, 1, 28))
        + " "
        + field(random, 1, 12)
        + " "
        + (byWeekday ? field(random, 0, 6) : "*");
  }

  private static String field(Random random, int low, int high) {
    int a = low + random.nextInt(high - low + 1);
    int b = low + random.nextInt(high - low + 1);
    return switch (random.nextInt(5)) {
      case 0 -> Integer.toString(a);
      case 1 -> a + "," + b;
      case 2 -> Math.min(a, b) + "-" + Math.max(a, b);
      case 3 -> "*/" + (1 + random.nextInt(high - low));
      default -> "*";
    };
  }

  /// A second reading of cron lines, slow and plain.
  private static final class CronOracle {

    static Predicate<LocalDateTime> of(String line) {
      String[] fields = line.split(" ", -1);
      return minute ->
          fits(fields[0], minute.getMinute(), 0)
              && fits(fields[1], minute.getHour(), 0)
              && fits(fields[2], minute.getDayOfMonth(), 1)
              && fits(fields[3], minute.getMonthValue(), 1)
              && fits(fields[4], minute.getDayOfWeek().getValue() % 7, 0);
    }

    private static boolean fits(String field, int value, int low) {
      for (String part : field.split(",", -1)) {
        if (part.equals("*")) {
          return true;
        }
        if (part.startsWith("*/")) {
          if ((value - low) % Integer.parseInt(part.substring(2)) == 0) {
            return true;
          }
        } else {
          String[] ends = part.split("-", -1);
          int first = Integer.parseInt(ends[0]);
          int last = ends.length == 1 ? first : Integer.parseInt(ends[1]);
          if (value >= first && value <= last) {
            return true;
          }
        }
      }
      return false;
    }
  }
}
