package io.prova.backup.physical;

import io.prova.base.ByteCount;
import io.prova.catalog.PhysicalMethod;
import java.time.Duration;
import java.util.Optional;

/// How physical backups are made.
///
/// @param fastCheckpoint ask for an immediate checkpoint, instead of waiting for one that is spread
///   over minutes
/// @param maxRate bytes a second that the server may send, at most
/// @param timeLimit after which the backup counts as hanging and is ended
/// @param compressionLevel of zstd, for methods that pack
public record PhysicalOptions(
    PhysicalMethod method,
    boolean fastCheckpoint,
    Optional<ByteCount> maxRate,
    Duration timeLimit,
    int compressionLevel) {

  public static final PhysicalOptions DEFAULTS =
      new PhysicalOptions(PhysicalMethod.AUTO, true, Optional.empty(), Duration.ofHours(24), 1);
}
