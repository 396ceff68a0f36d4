package io.prova.config;

import io.prova.base.Message;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.NavigableSet;
import java.util.Set;

/// Some times of some days.
///
/// @param times at least one
record DaysAndTimes(Days days, NavigableSet<LocalTime> times, Message describe)
    implements Recurrence {

  /// Which days. Every rule has a day in any two months.
  sealed interface Days {

    boolean contain(LocalDate date);
  }

  record OnWeekdays(Set<DayOfWeek> weekdays) implements Days {

    @Override
    public boolean contain(LocalDate date) {
      return weekdays.contains(date.getDayOfWeek());
    }
  }

  /// One day of each month; its last day where the month is shorter.
  record OnDayOfMonth(int day) implements Days {

    @Override
    public boolean contain(LocalDate date) {
      return date.getDayOfMonth() == Math.min(day, date.lengthOfMonth());
    }
  }

  @Override
  public LocalDateTime next(LocalDateTime minute) {
    LocalTime later = times.higher(minute.toLocalTime());
    if (later != null && days.contain(minute.toLocalDate())) {
      return minute.toLocalDate().atTime(later);
    }
    LocalDate date = minute.toLocalDate().plusDays(1);
    while (!days.contain(date)) {
      date = date.plusDays(1);
    }
    return date.atTime(times.first());
  }

  @Override
  public LocalDateTime previous(LocalDateTime minute) {
    LocalTime earlier = times.floor(minute.toLocalTime());
    if (earlier != null && days.contain(minute.toLocalDate())) {
      return minute.toLocalDate().atTime(earlier);
    }
    LocalDate date = minute.toLocalDate().minusDays(1);
    while (!days.contain(date)) {
      date = date.minusDays(1);
    }
    return date.atTime(times.last());
  }
}
