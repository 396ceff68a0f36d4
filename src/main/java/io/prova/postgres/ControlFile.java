package io.prova.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/// What `global/pg_control` of a data directory says of its cluster. Source: PostgreSQL's
/// `src/include/catalog/pg_control.h`: system identifier, then `pg_control_version`.
///
/// @param redo where recovery from the last checkpoint begins
public record ControlFile(SystemIdentifier systemIdentifier, int controlVersion, Lsn redo) {

  /// Behind the versions: the state, a time, the checkpoint's place, and `CheckPoint`, which begins
  /// with `redo`.
  private static final int REDO_AT = 40;

  private static final int NEEDED_BYTES = REDO_AT + Long.BYTES;
  private static final int TRIES = 1000;

  /// `ControlFileData` has had 280 to 320 bytes in PostgreSQL 12 to 18.
  private static final int LEAST_CHECKSUM_AT = 200;

  private static final int MOST_CHECKSUM_AT = 508;

  /// Empty where `dataDirectory` has no such file.
  public static Optional<ControlFile> read(Path dataDirectory) throws IOException {
    return readFile(dataDirectory.resolve("global").resolve("pg_control"));
  }

  /// Empty where `file` is absent or too short.
  public static Optional<ControlFile> readFile(Path file) throws IOException {
    byte[] head;
    try (var in = Files.newInputStream(file)) {
      head = in.readNBytes(NEEDED_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (head.length < NEEDED_BYTES) {
      return Optional.empty();
    }
    return Optional.of(parse(head));
  }

  /// @param content at least the first [#NEEDED_BYTES]
  public static ControlFile parse(byte[] content) {
    ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.nativeOrder());
    return new ControlFile(
        new SystemIdentifier(buffer.getLong(0)),
        buffer.getInt(8),
        new Lsn(buffer.getLong(REDO_AT)));
  }

  /// The bytes of `global/pg_control` while the server may be writing it: read again until they
  /// carry the right checksum.
  ///
  /// Where the checksum stands differs by major, and always follows what it covers; at a wrong
  /// place it fits by chance once in four billion times.
  ///
  /// @throws IOException if no whole content came in [#TRIES] reads
  public static byte[] readWhole(Path file) throws IOException {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      byte[] content = Files.readAllBytes(file);
      if (isWhole(content)) {
        return content;
      }
    }
    throw new IOException(file + " does not carry its checksum, in " + TRIES + " reads");
  }

  static boolean isWhole(byte[] content) {
    ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.nativeOrder());
    for (int at = LEAST_CHECKSUM_AT;
        at <= MOST_CHECKSUM_AT && at + Integer.BYTES <= content.length;
        at += Integer.BYTES) {
      CRC32C crc = new CRC32C();
      crc.update(content, 0, at);
      if ((int) crc.getValue() == buffer.getInt(at)) {
        return true;
      }
    }
    return false;
  }
}
