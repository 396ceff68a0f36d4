package io.prova.engine.pack;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A file that is being packed. Several threads read it at once.
public interface OpenFile extends AutoCloseable {

  /// How long it is now; it may change.
  long size() throws IOException;

  /// Reads at `offset` into the room of `into`.
  ///
  /// @return how many bytes, at most -1 at the end
  int read(ByteBuffer into, long offset) throws IOException;

  @Override
  void close() throws IOException;
}
