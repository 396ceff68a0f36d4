package io.prova.backup.physical;

import io.prova.base.ByteCount;
import java.time.Duration;
import java.util.Optional;

/// How physical backups are made.
///
/// @param fastCheckpoint ask for an immediate checkpoint, instead of waiting for one that is spread
///   over minutes
/// @param maxRate bytes a second that the server may send, at most
/// @param timeLimit after which the backup counts as hanging and is ended
public record PhysicalOptions(
    boolean fastCheckpoint, Optional<ByteCount> maxRate, Duration timeLimit) {

  public static final PhysicalOptions DEFAULTS =
      new PhysicalOptions(true, Optional.empty(), Duration.ofHours(24));
}
