package io.prova.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/// An object that is being written. Nothing is visible under its key before [#commit] returns;
/// closed without that, nothing ever is. Used by one thread at a time.
public interface ObjectWriter extends AutoCloseable {

  /// Adds all that remains in `content`; the buffer may be used again afterwards.
  void write(ByteBuffer content) throws IOException;

  /// Makes the object exist, durable and whole. Called once.
  ///
  /// When it fails otherwise than by a taken key, the object exists or does not (its answer may
  /// have been lost): whoever needs to know asks [ObjectStore#stat] and compares.
  ///
  /// @throws java.nio.file.FileAlreadyExistsException if the key is taken; that object is untouched
  void commit() throws IOException;

  /// Gives up what was not committed. May be called again.
  @Override
  void close() throws IOException;
}
