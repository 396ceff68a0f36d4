package io.prova.backup.physical;

import io.prova.base.ByteCount;
import io.prova.catalog.PhysicalMethod;
import io.prova.engine.seal.Recipient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How physical backups are made.
///
/// @param fastCheckpoint ask for an immediate checkpoint, instead of waiting for one that is spread
///   over minutes
/// @param maxRate bytes a second that the server may send, at most
/// @param timeLimit after which the backup counts as hanging and is ended
/// @param compressionLevel of zstd, for methods that pack
/// @param recipients for whom backups are encrypted, by methods that pack; empty for nobody: then
///   they are not
public record PhysicalOptions(
    PhysicalMethod method,
    boolean fastCheckpoint,
    Optional<ByteCount> maxRate,
    Duration timeLimit,
    int compressionLevel,
    List<Recipient> recipients) {

  public PhysicalOptions {
    recipients = List.copyOf(recipients);
    if (!recipients.isEmpty() && method != PhysicalMethod.LOCAL) {
      throw new IllegalArgumentException("what " + method + " may write cannot be encrypted");
    }
  }

  public PhysicalOptions withMaxRate(ByteCount most) {
    return new PhysicalOptions(
        method, fastCheckpoint, Optional.of(most), timeLimit, compressionLevel, recipients);
  }

  public static final PhysicalOptions DEFAULTS =
      new PhysicalOptions(
          PhysicalMethod.AUTO, true, Optional.empty(), Duration.ofHours(24), 1, List.of());
}
