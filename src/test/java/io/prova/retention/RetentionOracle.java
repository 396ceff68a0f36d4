package io.prova.retention;

import io.prova.catalog.Listing.Entry;
import io.prova.catalog.ProofLevel;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// A second reading of the rules, slow and plain: each backup is judged by itself, against all
/// others of its kind.
final class RetentionOracle {

  private RetentionOracle() {}

  static Set<Entry> kept(List<Entry> kind, RetentionPolicy policy, Instant now, ZoneId zone) {
    Set<Entry> kept = new HashSet<>();
    for (Entry entry : kind) {
      if (entry.pin().isPresent()
          || isYoung(entry, policy.keepDays(), now, zone)
          || isOneOfTheNewest(entry, kind, policy.keepLast())
          || isNewestOfIts(date -> date, entry, kind, policy.daily(), zone)
          || isNewestOfIts(RetentionOracle::monday, entry, kind, policy.weekly(), zone)
          || isNewestOfIts(YearMonth::from, entry, kind, policy.monthly(), zone)
          || isNewestOfIts(Year::from, entry, kind, policy.yearly(), zone)
          || isLastResort(entry, kind)) {
        kept.add(entry);
      }
    }
    return kept;
  }

  /// The clock on the wall has not yet come to the same time, so many days later.
  private static boolean isYoung(Entry entry, int days, Instant now, ZoneId zone) {
    Instant started = entry.backup().started();
    ZoneOffset offset = zone.getRules().getOffset(started);
    LocalDateTime end = LocalDateTime.ofInstant(started, zone).plusDays(days);
    ZoneOffsetTransition jump = zone.getRules().getTransition(end);
    Instant moment;
    if (jump == null) {
      moment = end.toInstant(zone.getRules().getOffset(end));
    } else if (jump.isGap()) {
      // The time does not exist that day: as late after the jump as it would have been after it.
      moment = end.toInstant(jump.getOffsetBefore());
    } else {
      moment =
          end.toInstant(
              jump.getOffsetAfter().equals(offset)
                  ? jump.getOffsetAfter()
                  : jump.getOffsetBefore());
    }
    return now.isBefore(moment);
  }

  private static boolean isGood(Entry entry) {
    return !entry.proof().damaged();
  }

  private static boolean isOneOfTheNewest(Entry entry, List<Entry> kind, int count) {
    long newer = kind.stream().filter(each -> isGood(each) && isNewer(each, entry)).count();
    return isGood(entry) && newer < count;
  }

  private static boolean isNewer(Entry one, Entry other) {
    return one.backup().sequence() > other.backup().sequence();
  }

  private static boolean isNewestOfIts(
      Function<LocalDate, Object> period, Entry entry, List<Entry> kind, int count, ZoneId zone) {
    if (!isGood(entry)) {
      return false;
    }
    Object own = period.apply(date(entry, zone));
    Set<Object> newerPeriods = new HashSet<>();
    for (Entry each : kind) {
      if (isGood(each) && isNewer(each, entry)) {
        newerPeriods.add(period.apply(date(each, zone)));
      }
    }
    return !newerPeriods.contains(own) && newerPeriods.size() < count;
  }

  private static LocalDate date(Entry entry, ZoneId zone) {
    return LocalDate.ofInstant(entry.backup().started(), zone);
  }

  private static LocalDate monday(LocalDate date) {
    return date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
  }

  /// The newest of its kind; and the newest of those that are proven or, with none, verified or,
  /// with none, at least not damaged.
  private static boolean isLastResort(Entry entry, List<Entry> kind) {
    if (kind.stream().noneMatch(each -> isNewer(each, entry))) {
      return true;
    }
    ProofLevel best =
        isAny(kind, ProofLevel.PROVEN)
            ? ProofLevel.PROVEN
            : isAny(kind, ProofLevel.VERIFIED) ? ProofLevel.VERIFIED : ProofLevel.STORED;
    return isGood(entry)
        && reached(entry, best)
        && kind.stream()
            .noneMatch(each -> isGood(each) && reached(each, best) && isNewer(each, entry));
  }

  private static boolean isAny(List<Entry> kind, ProofLevel level) {
    return kind.stream().anyMatch(each -> isGood(each) && reached(each, level));
  }

  private static boolean reached(Entry entry, ProofLevel level) {
    return entry.proof().level().compareTo(level) >= 0;
  }
}
