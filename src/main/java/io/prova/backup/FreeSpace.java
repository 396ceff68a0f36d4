package io.prova.backup;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Listing;
import io.prova.postgres.ClusterFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Whether a backup of about the last one's size fits.
public final class FreeSpace {

  /// What the next backup may be larger than the last.
  private static final double GROWTH = 1.05;

  /// As the kernel says it, through Java and through PostgreSQL's programs.
  private static final String FULL = "No space left on device";

  private FreeSpace() {}

  /// What the databases take on the server: a physical copy takes no less, a dump often does.
  public static ByteCount ofDatabases(ClusterFacts facts) {
    return new ByteCount(facts.databases().stream().mapToLong(ClusterFacts.Database::bytes).sum());
  }

  /// @throws OperationFailed (SPACE) if a first physical backup cannot fit
  public static void requireForFirst(Path repository, ClusterFacts facts) throws IOException {
    ByteCount needed = ofDatabases(facts);
    ByteCount free = new ByteCount(Files.getFileStore(repository).getUsableSpace());
    if (free.compareTo(needed) < 0) {
      throw new OperationFailed(
          Failure.SPACE,
          message("{0} has {1} free, and the databases alone take {2}", repository, free, needed),
          message("Make room, or put the repository on a larger disk."));
    }
  }

  /// @throws OperationFailed (SPACE) if a backup of the previous one's size would not fit
  public static void require(Path repository, Optional<Listing.Entry> previous) throws IOException {
    if (previous.isEmpty()) {
      return;
    }
    ByteCount needed = needed(previous.get());
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

  private static ByteCount needed(Listing.Entry previous) {
    return new ByteCount((long) (previous.backup().stored().bytes() * GROWTH));
  }

  /// What a disk that filled up during a backup lacks; any other trouble as it is. What the backup
  /// had written is removed by now.
  ///
  /// @throws IOException `trouble`, where it is one that has nothing to do with room
  public static OperationFailed explained(
      Path repository, Optional<Listing.Entry> previous, ClusterFacts facts, Exception trouble)
      throws IOException {
    boolean room =
        trouble instanceof OperationFailed failed
            ? failed.failure() == Failure.SPACE
                && String.valueOf(failed.getMessage()).contains(FULL)
            : String.valueOf(trouble.getMessage()).contains(FULL);
    if (!room) {
      switch (trouble) {
        case OperationFailed failed -> throw failed;
        case IOException io -> throw io;
        default -> throw new IllegalArgumentException(trouble);
      }
    }
    ByteCount free = new ByteCount(Files.getFileStore(repository).getUsableSpace());
    return new OperationFailed(
        Failure.SPACE,
        previous.isPresent()
            ? message(
                "the disk of {0} filled up during the backup: it has {1} free, and a backup like the last one needs {2}",
                repository, free, needed(previous.get()))
            : message(
                "the disk of {0} filled up during the backup: it has {1} free, and the databases take {2} on the server",
                repository, free, ofDatabases(facts)),
        message(
            "Make room for bytes (df -h) or for files (df -i); nothing incomplete was kept, and nothing older was removed."),
        trouble);
  }
}
