package io.prova.backup;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Message;
import io.prova.catalog.Listing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Notices a backup that is suddenly tiny: whole as far as anyone can tell, and yet perhaps the day
/// after the disaster. It is kept, flagged, and nothing older is removed until a person has said
/// that it is right.
public final class Anomalies {

  /// Below these a database may well be emptied every day.
  private static final long WORTH_ROWS = 100;

  private static final long WORTH_BYTES = 64 * 1024;

  /// What is left when 90 % are gone.
  private static final double LEFT = 0.1;

  /// Clocks are corrected by seconds all the time.
  private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);

  private Anomalies() {}

  /// A backup that claims to be older than the one before it was dated by a clock that was set
  /// back: with the clock right again, its age would let retention take it at once.
  static Optional<Message> clockSetBack(Listing listing, Instant started) {
    return listing.entries().stream()
        .reduce((earlier, later) -> later)
        .map(entry -> entry.backup())
        .filter(before -> started.isBefore(before.finished().minus(CLOCK_TOLERANCE)))
        .map(before ->
            message(
                "this machine's clock was set back: it says {0}, the backup before ended at {1}",
                started, before.finished()));
  }

  /// @param what the database or the cluster
  public static List<Message> shrinkage(
      Message what,
      Optional<Long> rowsBefore,
      Optional<Long> rowsNow,
      ByteCount bytesBefore,
      ByteCount bytesNow) {
    List<Message> found = new ArrayList<>();
    if (rowsBefore.isPresent() && rowsNow.isPresent() && rowsBefore.get() >= WORTH_ROWS) {
      if (rowsNow.get() <= rowsBefore.get() * LEFT) {
        found.add(
            message(
                "{0} has {1} {1|row|rows}, the backup before it had {2}",
                what, rowsNow.get(), rowsBefore.get()));
      }
    }
    if (bytesBefore.bytes() >= WORTH_BYTES && bytesNow.bytes() <= bytesBefore.bytes() * LEFT) {
      found.add(
          message("{0} takes {1}, the backup before it took {2}", what, bytesNow, bytesBefore));
    }
    return found;
  }
}
