package io.prova.config;

import io.prova.base.Message;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.regex.Pattern;

/// When a job is due, in words (`daily 02:00`, `sunday 03:00`, `monthly 1 04:00`) or as a cron line
/// of five fields.
///
/// Schedules are about the clock on the wall, which may jump. A time that the clock skips is due at
/// the moment of the jump; several skipped times are due once. A time that the clock shows twice is
/// due the first time only.
public final class Schedule {

  /// Anything that is meant as a cron line rather than as words. Asked here, so that the cron
  /// library is loaded only for those who use it.
  private static final Pattern CRON = Pattern.compile("[0-9*][0-9*/,-]* \\S+ .*");

  private final String text;
  private final Recurrence recurrence;

  private Schedule(String text, Recurrence recurrence) {
    this.text = text;
    this.recurrence = recurrence;
  }

  /// @throws IllegalArgumentException saying what was expected
  public static Schedule parse(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return new Schedule(
        line, CRON.matcher(line).matches() ? CronLine.parse(line) : ScheduleWords.parse(line));
  }

  /// The first time after `moment` at which the job is due.
  public Instant next(Instant moment, ZoneId zone) {
    return firstShowing(recurrence.next(reached(moment, zone)), zone);
  }

  /// The last time at or before `moment` at which the job was due.
  public Instant previous(Instant moment, ZoneId zone) {
    return firstShowing(recurrence.previous(reached(moment, zone)), zone);
  }

  /// The latest minute whose [#firstShowing] is not after `moment`. That is what the clock shows,
  /// except where it shows times for a second time: all of these were reached before the clock went
  /// back.
  private static LocalDateTime reached(Instant moment, ZoneId zone) {
    LocalDateTime shown = LocalDateTime.ofInstant(moment, zone);
    ZoneOffsetTransition jump = zone.getRules().getTransition(shown);
    boolean again = jump != null && jump.isOverlap() && !moment.isBefore(jump.getInstant());
    return (again ? jump.getDateTimeBefore().minusNanos(1) : shown).truncatedTo(ChronoUnit.MINUTES);
  }

  /// When the clock of `zone` first shows `local` or, where it skips it, a later time.
  private static Instant firstShowing(LocalDateTime local, ZoneId zone) {
    ZoneOffsetTransition jump = zone.getRules().getTransition(local);
    return jump != null && jump.isGap()
        ? jump.getInstant()
        : local.toInstant(zone.getRules().getValidOffsets(local).getFirst());
  }

  /// For people, such as "on Sundays at 03:00".
  public Message describe() {
    return recurrence.describe();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Schedule schedule && schedule.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /// As it was written.
  @Override
  public String toString() {
    return text;
  }
}
