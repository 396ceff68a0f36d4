package io.prova.config;

import io.prova.base.Message;
import java.time.LocalDateTime;

/// The times of a schedule as a wall clock without daylight saving would show them. All of them are
/// whole minutes.
sealed interface Recurrence permits DaysAndTimes, CronLine {

  /// The first time after `minute`.
  LocalDateTime next(LocalDateTime minute);

  /// The last time at or before `minute`.
  LocalDateTime previous(LocalDateTime minute);

  /// Such as "on Sundays at 03:00".
  Message describe();
}
