package io.prova.retention;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.StoredText;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.TrashNote;
import io.prova.retention.RetentionPlan.Decision;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Decides what retention lets go of. A pure function: the same listing, policy and time give the
/// same plan.
///
/// Whatever the policy says, the newest backup of each kind that has proven itself stays; and
/// wherever anything is in doubt (the listing, a clock, a backup that looks wrong), everything
/// stays.
public final class RetentionPlanner {

  /// Clocks may differ by so much.
  public static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);

  private RetentionPlanner() {}

  /// What the decision rests on.
  ///
  /// @param trashWithoutNote what lies in the trash and nobody can say since when
  /// @param serverClockAhead how far the server's clock is ahead of ours; empty when the server
  ///   could not be asked, and then ours has no witness
  public record Facts(
      Listing listing,
      List<TrashNote> trash,
      List<Path> trashWithoutNote,
      Instant now,
      ZoneId zone,
      Optional<Duration> serverClockAhead) {}

  public static RetentionPlan plan(Facts facts, Map<BackupKind, RetentionPolicy> policies) {
    List<Message> holds = holds(facts);
    List<Decision> decisions = new ArrayList<>();
    for (BackupKind kind : BackupKind.values()) {
      RetentionPolicy policy = policies.getOrDefault(kind, RetentionPolicy.DEFAULTS);
      decisions.addAll(decide(facts.listing.of(kind), policy, facts));
    }
    if (!holds.isEmpty()) {
      decisions.replaceAll(decision -> held(decision, holds.getFirst()));
    }
    decisions.sort(Comparator.comparingLong(decision -> decision.entry().backup().sequence()));
    List<TrashNote> purges =
        holds.isEmpty()
            ? facts.trash.stream().filter(note -> isDue(note, policies, facts.now)).toList()
            : List.of();
    return new RetentionPlan(List.copyOf(decisions), purges, List.copyOf(holds));
  }

  private static Decision held(Decision decision, Message hold) {
    return decision.isKept()
        ? decision
        : new Decision(decision.entry(), List.of(hold), Optional.empty());
  }

  private static boolean isDue(
      TrashNote note, Map<BackupKind, RetentionPolicy> policies, Instant now) {
    Duration window = policies.getOrDefault(note.kind(), RetentionPolicy.DEFAULTS).undoWindow();
    return !note.trashedAt().plus(window).isAfter(now);
  }

  /// Why nothing may go at all.
  private static List<Message> holds(Facts facts) {
    List<Message> holds = new ArrayList<>();
    for (Message doubt : facts.listing.doubts()) {
      holds.add(message("the repository is in doubt: {0}", doubt));
    }
    for (Entry entry : facts.listing.entries()) {
      if (entry.isSuspicious()) {
        holds.add(
            message(
                "backup {0} looks wrong ({1}); when it is right: prova accept {0}",
                entry.label().toString(), StoredText.all(entry.backup().anomalies())));
      }
      if (isFromTheFuture(entry, facts.now) && !entry.accepted()) {
        holds.add(
            message(
                "backup {0} is from the future ({1}): this machine's clock was set back, or was wrong then; when it is right now: prova accept {0}",
                entry.label().toString(), entry.backup().finished()));
      }
    }
    for (Path path : facts.trashWithoutNote) {
      holds.add(message("{0} lies in the trash without a note that can be read", path));
    }
    for (TrashNote note : facts.trash) {
      if (note.trashedAt().isAfter(facts.now.plus(CLOCK_TOLERANCE))) {
        holds.add(
            message(
                "{0} went to the trash in the future ({1}): this machine's clock was set back",
                note.label().toString(), note.trashedAt()));
      }
    }
    if (facts.serverClockAhead.isEmpty()) {
      holds.add(
          message(
              "the server cannot be asked for the time, so this machine's clock has no witness"));
    } else if (facts.serverClockAhead.get().abs().compareTo(CLOCK_TOLERANCE) > 0) {
      holds.add(
          message(
              "this machine's clock and the server's differ by {0}",
              facts.serverClockAhead.get().abs()));
    }
    return holds;
  }

  /// Whether the clock that dated it was ahead of ours.
  public static boolean isFromTheFuture(Entry entry, Instant now) {
    return entry.backup().finished().isAfter(now.plus(CLOCK_TOLERANCE));
  }

  private static List<Decision> decide(List<Entry> entries, RetentionPolicy policy, Facts facts) {
    List<Entry> newestFirst = new ArrayList<>(entries);
    newestFirst.sort(
        Comparator.comparingLong((Entry entry) -> entry.backup().sequence()).reversed());
    Map<Entry, List<Message>> reasons = new HashMap<>();
    Map<Entry, Instant> until = new HashMap<>();
    newestFirst.forEach(entry -> reasons.put(entry, new ArrayList<>()));

    for (Entry entry : newestFirst) {
      entry
          .pin()
          .ifPresent(
              pin -> add(reasons, entry, message("pinned by {0}: {1}", pin.who(), pin.why())));
      Instant end = day(entry, facts.zone).plusDays(policy.keepDays()).toInstant();
      if (end.isAfter(facts.now)) {
        add(reasons, entry, message("younger than {0} {0|day|days}", policy.keepDays()));
        until.put(entry, end);
      }
    }
    // A damaged backup is not worth a place that an undamaged one could have.
    List<Entry> good = newestFirst.stream().filter(entry -> !entry.proof().damaged()).toList();
    keepNewest(reasons, good, policy.keepLast());
    keepBuckets(
        reasons,
        good,
        policy.daily(),
        facts,
        day -> day.toLocalDate(),
        message("the newest of its day"));
    keepBuckets(
        reasons,
        good,
        policy.weekly(),
        facts,
        RetentionPlanner::week,
        message("the newest of its week"));
    keepBuckets(
        reasons,
        good,
        policy.monthly(),
        facts,
        day -> day.getYear() * 100 + day.getMonthValue(),
        message("the newest of its month"));
    keepBuckets(
        reasons,
        good,
        policy.yearly(),
        facts,
        ZonedDateTime::getYear,
        message("the newest of its year"));
    keepRestorable(reasons, newestFirst);

    List<Decision> decisions = new ArrayList<>();
    reasons.forEach((entry, why) ->
        decisions.add(
            new Decision(entry, List.copyOf(why), Optional.ofNullable(until.get(entry)))));
    return decisions;
  }

  private static void add(Map<Entry, List<Message>> reasons, Entry entry, Message reason) {
    reasons.computeIfAbsent(entry, each -> new ArrayList<>()).add(reason);
  }

  private static ZonedDateTime day(Entry entry, ZoneId zone) {
    return entry.backup().started().atZone(zone);
  }

  private static int week(ZonedDateTime day) {
    return day.get(IsoFields.WEEK_BASED_YEAR) * 100 + day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
  }

  private static void keepNewest(
      Map<Entry, List<Message>> reasons, List<Entry> newestFirst, int count) {
    newestFirst.stream()
        .limit(count)
        .forEach(entry -> add(reasons, entry, message("one of the newest {0}", count)));
  }

  private static void keepBuckets(
      Map<Entry, List<Message>> reasons,
      List<Entry> newestFirst,
      int count,
      Facts facts,
      Function<ZonedDateTime, Object> bucket,
      Message reason) {
    Set<Object> seen = new HashSet<>();
    for (Entry entry : newestFirst) {
      if (seen.size() == count) {
        return;
      }
      if (seen.add(bucket.apply(day(entry, facts.zone)))) {
        add(reasons, entry, reason);
      }
    }
  }

  /// The backups that must be there whatever the policy says: the newest proven one; with none
  /// proven the newest verified; with none verified the newest undamaged; and in any case the
  /// newest.
  private static void keepRestorable(Map<Entry, List<Message>> reasons, List<Entry> newestFirst) {
    newestFirst.stream()
        .findFirst()
        .ifPresent(entry -> add(reasons, entry, message("the newest of its kind")));
    for (ProofLevel level : List.of(ProofLevel.PROVEN, ProofLevel.VERIFIED, ProofLevel.STORED)) {
      Optional<Entry> best =
          newestFirst.stream().filter(entry -> entry.proof().isAtLeast(level)).findFirst();
      if (best.isPresent()) {
        add(reasons, best.get(), restorableReason(level));
        return;
      }
    }
  }

  private static Message restorableReason(ProofLevel level) {
    return switch (level) {
      case PROVEN, STARTED -> message("the newest proven one");
      case VERIFIED -> message("the newest verified one; none is proven");
      case STORED -> message("the newest undamaged one; none is verified");
    };
  }
}
