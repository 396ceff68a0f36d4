package io.prova.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/// An object that is being written. Nothing is visible under its key before [#commit] returns;
/// closed without that, nothing ever is. Used by one thread at a time.
public interface ObjectWriter extends AutoCloseable {

  /// Adds all that remains in `content`; the buffer may be used again afterwards.
  ///
  /// When it fails, what `content` has moved on by was taken; the rest may be given again, before
  /// anything else.
  void write(ByteBuffer content) throws IOException;

  /// Makes the object exist, durable and whole. Returns once.
  ///
  /// When it fails otherwise than by a taken key, the object exists or does not (its answer may
  /// have been lost). It may be called again; then a key that is taken may be so by this very
  /// object, and whoever needs to know reads and compares.
  ///
  /// @throws java.nio.file.FileAlreadyExistsException if the key is taken; that object is untouched
  void commit() throws IOException;

  /// Gives up what was not committed. May be called again.
  @Override
  void close() throws IOException;
}
