package io.prova.app;

import static io.prova.base.Message.message;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.alert.Alert;
import io.prova.alert.Severity;
import io.prova.alert.Undelivered;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.StoredText;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.ProofRecord;
import io.prova.config.ClusterSettings.Job;
import io.prova.config.Schedule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a cluster's backups stand, for a person and for a monitor.
///
/// @param newest the newest good backup of each kind
/// @param proven the newest proven backup
/// @param next when each job is due
public record ClusterStatus(
    String cluster,
    Level level,
    List<Message> problems,
    Map<BackupKind, Entry> newest,
    Optional<Entry> proven,
    Map<Job, Instant> next,
    List<Alert> alerts,
    List<Undelivered> undelivered) {

  /// Nagios's levels, the worst last: what is known to be bad weighs more than what is not known.
  public enum Level {
    @JsonProperty("ok")
    OK(0),
    @JsonProperty("warning")
    WARNING(1),
    @JsonProperty("unknown")
    UNKNOWN(3),
    @JsonProperty("critical")
    CRITICAL(2);

    private final int exitCode;

    Level(int exitCode) {
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  /// A drill may be late by so many of its periods before its proof counts as old.
  private static final int PROOF_PERIODS = 2;

  /// A backup that is dated further ahead was taken by a clock that was wrong.
  private static final Duration CLOCK_TOLERANCE = Duration.ofHours(2);

  public static ClusterStatus of(Wiring wiring, Cluster cluster) throws IOException {
    Instant now = wiring.surroundings().clock().instant();
    Collected collected = new Collected();
    Map<BackupKind, Entry> newest = new EnumMap<>(BackupKind.class);
    Optional<Entry> proven = Optional.empty();
    try {
      Listing listing = cluster.repository().catalog().list();
      listing.doubts().forEach(doubt -> collected.add(Level.CRITICAL, doubt));
      for (BackupKind kind : BackupKind.values()) {
        listing.newest(kind).ifPresent(entry -> judge(collected, entry));
        newestGood(listing, kind).ifPresent(entry -> newest.put(kind, entry));
        judgeClock(listing, kind, now, collected);
        judgeAge(wiring, cluster, kind, listing, now, collected);
      }
      proven =
          listing.entries().reversed().stream()
              .filter(entry -> entry.proof().isProven())
              .findFirst();
      if (listing.entries().isEmpty()) {
        collected.add(Level.WARNING, message("there is no backup yet"));
      } else {
        judgeProof(wiring, cluster, proven, now, collected);
      }
    } catch (OperationFailed e) {
      collected.add(Level.CRITICAL, e.problem());
    } catch (IOException e) {
      // Not allowed to look, or a disk that fails: nothing is known, and that is not good.
      collected.add(
          Level.UNKNOWN,
          message("{0} cannot be looked at: {1}", cluster.settings().repository(), e.toString()));
    }
    List<Alert> alerts =
        wiring.alerts(result -> {}).open().stream()
            // One that cannot be read may be of any cluster.
            .filter(alert -> alert.cluster().equals(cluster.name()) || alert.cluster().equals("-"))
            .toList();
    for (Alert alert : alerts) {
      collected.add(
          alert.severity() == Severity.WARNING ? Level.WARNING : Level.CRITICAL,
          message("open alert since {0}: {1}", alert.since(), alert.what()));
    }
    List<Undelivered> undelivered = wiring.alerts(result -> {}).undelivered();
    for (Undelivered each : undelivered) {
      collected.add(
          Level.WARNING,
          message(
              "an alert could not be sent by {0}: {1}",
              each.channel(), each.lastError().orElse("-")));
    }
    return new ClusterStatus(
        cluster.name(),
        collected.level,
        List.copyOf(collected.problems),
        newest,
        proven,
        next(wiring, cluster, now),
        alerts,
        undelivered);
  }

  private static final class Collected {
    Level level = Level.OK;
    final List<Message> problems = new ArrayList<>();

    void add(Level found, Message problem) {
      level = found.compareTo(level) > 0 ? found : level;
      problems.add(problem);
    }
  }

  private static Optional<Entry> newestGood(Listing listing, BackupKind kind) {
    return listing.of(kind).reversed().stream()
        .filter(entry -> !entry.proof().damaged())
        .findFirst();
  }

  private static void judge(Collected collected, Entry entry) {
    if (entry.proof().damaged()) {
      collected.add(
          Level.CRITICAL,
          message(
              "the newest {0} backup {1} failed its test",
              entry.backup().kind().word(), entry.label().toString()));
    } else if (entry.isSuspicious()) {
      collected.add(
          Level.WARNING,
          message(
              "backup {0} looks wrong: {1}",
              entry.label().toString(), StoredText.all(entry.backup().anomalies())));
    }
  }

  private static void judgeClock(
      Listing listing, BackupKind kind, Instant now, Collected collected) {
    listing.of(kind).stream()
        .filter(entry -> isFromTheFuture(entry, now))
        .forEach(entry ->
            collected.add(
                Level.WARNING,
                message(
                    "backup {0} is dated ahead of this machine's clock, which is wrong now or was wrong then",
                    entry.label().toString())));
  }

  static Job job(BackupKind kind) {
    return switch (kind) {
      case LOGICAL -> Job.LOGICAL;
      case PHYSICAL -> Job.PHYSICAL;
    };
  }

  private static void judgeAge(
      Wiring wiring,
      Cluster cluster,
      BackupKind kind,
      Listing listing,
      Instant now,
      Collected collected)
      throws IOException {
    missing(wiring, cluster, kind, listing, now)
        .ifPresent(missing ->
            collected.add(
                Level.CRITICAL,
                message(
                    "no {0} backup since it was due at {1}",
                    kind.word(), missing.since().atZone(wiring.settings().zone()))));
  }

  /// A backup that did not come.
  ///
  /// @param since when it was due first, after the last good one
  /// @param latest when it was due last
  public record Missing(Instant since, Instant latest) {}

  /// Empty when no backup is missing now. What was due before the repository was made is not
  /// missing.
  public static Optional<Missing> missing(
      Wiring wiring, Cluster cluster, BackupKind kind, Listing listing, Instant now)
      throws IOException {
    Schedule schedule = cluster.settings().schedules().get(job(kind));
    if (schedule == null) {
      return Optional.empty();
    }
    ZoneId zone = wiring.settings().zone();
    Instant latest = schedule.previous(now.minus(wiring.settings().alerts().grace()), zone);
    Instant covered =
        listing.of(kind).stream()
            .filter(entry -> !entry.proof().damaged() && !isFromTheFuture(entry, now))
            .map(entry -> entry.backup().started())
            .max(Comparator.naturalOrder())
            .orElse(cluster.repository().marker().created());
    return covered.isBefore(latest)
        ? Optional.of(new Missing(schedule.next(covered, zone), latest))
        : Optional.empty();
  }

  /// Taken while the clock was wrong. It may be whole, but says nothing of what is missing since.
  private static boolean isFromTheFuture(Entry entry, Instant now) {
    return entry.backup().started().isAfter(now.plus(CLOCK_TOLERANCE));
  }

  private static void judgeProof(
      Wiring wiring, Cluster cluster, Optional<Entry> proven, Instant now, Collected collected) {
    Schedule schedule = cluster.settings().schedules().get(Job.DRILL);
    if (proven.isEmpty()) {
      collected.add(Level.WARNING, message("no backup has been proven by a restore test yet"));
      return;
    }
    if (schedule == null) {
      return;
    }
    Instant oldest = now;
    for (int i = 0; i < PROOF_PERIODS; i++) {
      oldest = schedule.previous(oldest.minusSeconds(1), wiring.settings().zone());
    }
    Instant tested = proven.get().proof().lastDrill().map(ProofRecord::time).orElse(Instant.EPOCH);
    if (tested.isBefore(oldest)) {
      collected.add(
          Level.WARNING,
          message("the last successful restore test was {0} ago", Duration.between(tested, now)));
    }
  }

  private static Map<Job, Instant> next(Wiring wiring, Cluster cluster, Instant now) {
    Map<Job, Instant> next = new EnumMap<>(Job.class);
    cluster
        .settings()
        .schedules()
        .forEach((job, schedule) -> next.put(job, schedule.next(now, wiring.settings().zone())));
    return next;
  }
}
