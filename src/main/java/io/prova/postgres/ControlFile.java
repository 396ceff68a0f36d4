package io.prova.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// What `global/pg_control` of a data directory says of its cluster. Source: PostgreSQL's
/// `src/include/catalog/pg_control.h`: system identifier, then `pg_control_version`.
public record ControlFile(SystemIdentifier systemIdentifier, int controlVersion) {

  private static final int NEEDED_BYTES = 12;

  /// Empty where `dataDirectory` has no such file.
  public static Optional<ControlFile> read(Path dataDirectory) throws IOException {
    byte[] head;
    try (var in = Files.newInputStream(dataDirectory.resolve("global").resolve("pg_control"))) {
      head = in.readNBytes(NEEDED_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (head.length < NEEDED_BYTES) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.wrap(head).order(ByteOrder.nativeOrder());
    return Optional.of(new ControlFile(new SystemIdentifier(buffer.getLong(0)), buffer.getInt(8)));
  }
}
