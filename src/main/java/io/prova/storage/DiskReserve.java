package io.prova.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Room kept back on a disk. Removing things needs a little room itself (a note, a record in the
/// journal), so without it a full disk could not be helped.
public final class DiskReserve {

  /// Some hundreds of notes and records.
  public static final int BYTES = 1024 * 1024;

  private DiskReserve() {}

  /// Takes the room, unless `file` holds it already. Best effort: a disk without room for it has
  /// none to spare.
  public static void keep(Path file) {
    try {
      if (Files.exists(file) && Files.size(file) == BYTES) {
        return;
      }
      Files.deleteIfExists(file);
      byte[] incompressible = new byte[BYTES];
      new SplittableRandom().nextBytes(incompressible);
      ByteBuffer buffer = ByteBuffer.wrap(incompressible);
      try (FileChannel channel = DurableFiles.openNew(file)) {
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
    } catch (IOException e) {
      release(file); // half of it is no use
    }
  }

  /// Gives the room to whoever needs it next.
  public static void release(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // then there is no more room than before
    }
  }
}
