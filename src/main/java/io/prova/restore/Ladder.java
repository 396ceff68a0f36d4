package io.prova.restore;

import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.restore.Rung.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The restore points in the order in which they are tried.
///
/// First the newest, since it loses least; but where a backup of the kind made for the purpose (a
/// dump for one database, files for a cluster) is hardly older, that one, since it is quicker and
/// simpler. Then, as the plan says, the newest of the other kind; then the older ones. Backups that
/// are known to be damaged, or that look wrong, come last: they may be the disaster itself.
///
/// @param database what is to come back; empty for the whole cluster
public record Ladder(Optional<String> database, List<Rung> rungs) {

  private static final Duration HARDLY_OLDER = Duration.ofHours(1);

  /// Tells how long restoring a backup will take.
  @FunctionalInterface
  public interface Expectation {
    Optional<Duration> of(Backup backup);
  }

  public static Ladder forCluster(Listing listing, Instant now, Expectation expectation) {
    return new Ladder(Optional.empty(), rungs(listing.entries(), now, expectation, false));
  }

  public static Ladder forDatabase(
      Listing listing, String database, Instant now, Expectation expectation) {
    List<Entry> holding =
        listing.entries().stream().filter(entry -> mayHold(entry.backup(), database)).toList();
    return new Ladder(Optional.of(database), rungs(holding, now, expectation, true));
  }

  /// A physical backup holds every database that the cluster had; its fingerprints name those,
  /// where they were taken.
  private static boolean mayHold(Backup backup, String database) {
    return backup
        .physical()
        .map(physical ->
            physical.fingerprints().isEmpty() || physical.fingerprints().containsKey(database))
        .orElseGet(() -> backup.database(database).isPresent());
  }

  private static List<Rung> rungs(
      List<Entry> entries, Instant now, Expectation expectation, boolean oneDatabase) {
    Comparator<Entry> newestFirst =
        Comparator.comparing((Entry entry) -> entry.backup().consistentAt())
            .thenComparingLong((Entry entry) -> entry.backup().sequence())
            .reversed();
    List<Entry> trusted =
        new ArrayList<>(entries.stream().filter(Ladder::isTrusted).sorted(newestFirst).toList());
    putFirstTwo(trusted, oneDatabase);
    List<Entry> ordered = new ArrayList<>(trusted);
    entries.stream().filter(entry -> !isTrusted(entry)).sorted(newestFirst).forEach(ordered::add);
    return ordered.stream()
        .map(entry ->
            new Rung(
                entry,
                way(entry.backup().kind(), oneDatabase),
                Duration.between(entry.backup().consistentAt(), now),
                expectation.of(entry.backup())))
        .toList();
  }

  private static boolean isTrusted(Entry entry) {
    return !entry.proof().damaged() && !entry.isSuspicious();
  }

  private static void putFirstTwo(List<Entry> newestFirst, boolean oneDatabase) {
    BackupKind natural = oneDatabase ? BackupKind.LOGICAL : BackupKind.PHYSICAL;
    Optional<Entry> own = newest(newestFirst, natural);
    Optional<Entry> other = newest(newestFirst, natural.other());
    if (own.isEmpty() || other.isEmpty()) {
      return;
    }
    Duration older =
        Duration.between(own.get().backup().consistentAt(), other.get().backup().consistentAt());
    boolean ownFirst = older.compareTo(HARDLY_OLDER) <= 0;
    newestFirst.removeAll(List.of(own.get(), other.get()));
    newestFirst.addAll(
        0, ownFirst ? List.of(own.get(), other.get()) : List.of(other.get(), own.get()));
  }

  private static Optional<Entry> newest(List<Entry> newestFirst, BackupKind kind) {
    return newestFirst.stream().filter(entry -> entry.backup().kind() == kind).findFirst();
  }

  private static Way way(BackupKind kind, boolean oneDatabase) {
    return switch (kind) {
      case LOGICAL -> oneDatabase ? Way.LOAD_DATABASE : Way.REBUILD_CLUSTER;
      case PHYSICAL -> oneDatabase ? Way.EXTRACT_DATABASE : Way.REPLACE_CLUSTER;
    };
  }
}
