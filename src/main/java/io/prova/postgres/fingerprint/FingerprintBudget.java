package io.prova.postgres.fingerprint;

import io.prova.base.ByteCount;
import java.time.Duration;
import java.util.Optional;

/// How much a fingerprint may cost. What does not fit is counted only, and says so.
///
/// @param largestTable tables above this size are not digested
/// @param time after which the remaining tables are not digested; small tables come first
public record FingerprintBudget(Optional<ByteCount> largestTable, Optional<Duration> time) {

  public static final FingerprintBudget UNLIMITED =
      new FingerprintBudget(Optional.empty(), Optional.empty());
}
