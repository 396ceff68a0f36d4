package io.prova.engine.pack;

import java.io.IOException;
import java.time.Instant;

/// What is to be packed under one path.
public sealed interface Member {

  String path();

  /// The permission bits.
  int mode();

  Instant mtime();

  record Directory(String path, int mode, Instant mtime) implements Member {}

  /// @param size as listed; a file that is shorter when it is read is filled up with zeroes, and of
  ///   a longer one the rest is left out: PostgreSQL's WAL mends both
  record File(String path, int mode, Instant mtime, long size, Opener opener, PageCheck pages)
      implements Member {}

  /// Opens a file that was listed.
  @FunctionalInterface
  interface Opener {
    /// @throws java.nio.file.NoSuchFileException if it is there no more
    OpenFile open() throws IOException;
  }
}
