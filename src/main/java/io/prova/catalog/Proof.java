package io.prova.catalog;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What is known of a backup's worth, from all tests of it.
///
/// @param level the highest it has passed
/// @param damaged the latest test of it failed: whatever it passed before, it is not to be relied
///   on
/// @param testedAt when it was tested last
public record Proof(
    ProofLevel level, boolean damaged, Optional<Instant> testedAt, Optional<ProofRecord> latest) {

  static final Proof UNTESTED =
      new Proof(ProofLevel.STORED, false, Optional.empty(), Optional.empty());

  /// @param records of one backup, in any order
  static Proof of(List<ProofRecord> records) {
    Optional<ProofRecord> latest =
        records.stream()
            .max(
                Comparator.comparingLong((ProofRecord record) -> record.number().orElse(0L))
                    .thenComparing(ProofRecord::time));
    if (latest.isEmpty()) {
      return UNTESTED;
    }
    ProofLevel level =
        records.stream()
            .flatMap(record -> record.reached().stream())
            .max(Comparator.naturalOrder())
            .orElse(ProofLevel.STORED);
    return new Proof(level, latest.get().failed(), Optional.of(latest.get().time()), latest);
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
