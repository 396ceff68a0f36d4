package io.prova.backup;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Listing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Whether a backup of about the last one's size fits.
public final class FreeSpace {

  /// What the next backup may be larger than the last.
  private static final double GROWTH = 1.05;

  private FreeSpace() {}

  /// @throws OperationFailed (SPACE) if a backup of the previous one's size would not fit
  public static void require(Path repository, Optional<Listing.Entry> previous) throws IOException {
    if (previous.isEmpty()) {
      return;
    }
    ByteCount needed = new ByteCount((long) (previous.get().backup().stored().bytes() * GROWTH));
    ByteCount free = new ByteCount(Files.getFileStore(repository).getUsableSpace());
    if (free.compareTo(needed) < 0) {
      throw new OperationFailed(
          Failure.SPACE,
          message(
              "{0} has {1} free, and a backup like the last one needs {2}",
              repository, free, needed),
          message(
              "Make room or shorten retention (prova expire --dry-run shows what would go); nothing was removed by itself."));
    }
  }
}
