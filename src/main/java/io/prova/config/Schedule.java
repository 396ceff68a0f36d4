package io.prova.config;

import java.time.Instant;
import java.time.ZoneId;

/// When a job is due, in words (`daily 02:00`, `sunday 03:00`, `monthly 1 04:00`) or as a cron line
/// of five fields.
public final class Schedule {

  private final String text;

  private Schedule(String text) {
    this.text = text;
  }

  /// @throws IllegalArgumentException saying what was expected
  public static Schedule parse(String text) {
    return new Schedule(text);
  }

  /// The first time after `moment` at which the job is due.
  public Instant next(Instant moment, ZoneId zone) {
    return moment;
  }

  /// The last time at or before `moment` at which the job was due.
  public Instant previous(Instant moment, ZoneId zone) {
    return moment;
  }

  /// As it was written.
  @Override
  public String toString() {
    return text;
  }
}
