package io.prova.catalog;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What is known of a backup's worth, from all tests of it.
///
/// @param level the highest it has passed
/// @param damaged a test of it failed and none of that kind has succeeded since: whatever it passed
///   before, it is not to be relied on
/// @param testedAt when it was tested last
/// @param latest the failure that stands against it, or the last test
/// @param lastDrill the last restore test, whose evidence says how long a restore takes; reading
///   the bytes again later makes it neither younger nor untold
public record Proof(
    ProofLevel level,
    boolean damaged,
    Optional<Instant> testedAt,
    Optional<ProofRecord> latest,
    Optional<ProofRecord> lastDrill) {

  static final Proof UNTESTED =
      new Proof(ProofLevel.STORED, false, Optional.empty(), Optional.empty(), Optional.empty());

  /// A failed test takes away whatever was shown before it, and stands until a test of its own kind
  /// succeeds: reading the bytes again does not answer a restore whose data was wrong.
  ///
  /// @param records of one backup, in any order
  static Proof of(List<ProofRecord> records) {
    if (records.isEmpty()) {
      return UNTESTED;
    }
    // By their numbers, whatever clocks say.
    List<ProofRecord> ordered =
        records.stream()
            .sorted(
                Comparator.comparingLong((ProofRecord record) -> record.number().orElse(0L))
                    .thenComparing(ProofRecord::time)
                    .thenComparing(ProofRecord::failed))
            .toList();
    ProofLevel level = ProofLevel.STORED;
    Optional<ProofRecord> standing = Optional.empty();
    for (ProofRecord record : ordered) {
      if (record.reached().isEmpty()) {
        level = ProofLevel.STORED;
        if (standing.isEmpty() || record.tested().compareTo(standing.get().tested()) > 0) {
          standing = Optional.of(record);
        }
        continue;
      }
      ProofLevel reached = record.reached().get();
      level = reached.compareTo(level) > 0 ? reached : level;
      standing = standing.filter(failed -> reached.compareTo(failed.tested()) < 0);
    }
    ProofRecord last = ordered.getLast();
    return new Proof(
        level,
        standing.isPresent(),
        Optional.of(last.time()),
        Optional.of(standing.orElse(last)),
        ordered.reversed().stream()
            .filter(record -> record.test().equals(ProofRecord.DRILL))
            .findFirst());
  }

  /// Of a backup whose tests cannot all be read.
  Proof withoutLevel() {
    return new Proof(ProofLevel.STORED, damaged, testedAt, latest, lastDrill);
  }

  /// Whether a restore from it was carried out and its data compared, and nothing has spoken
  /// against it since.
  public boolean isProven() {
    return !damaged && level == ProofLevel.PROVEN;
  }

  public boolean isAtLeast(ProofLevel wanted) {
    return !damaged && level.compareTo(wanted) >= 0;
  }
}
