package io.prova.engine.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Looks at a file's pages as they pass. Called by several threads.
@FunctionalInterface
public interface PageCheck {

  /// @param file to read a page again that may have been read while it was written
  /// @param bytes the file's, direct; a page that was read again replaces the one in it
  /// @param from where they begin in the buffer
  /// @param offset where they begin in the file
  /// @return the numbers of the blocks, within the file, that are damaged
  List<Integer> damaged(OpenFile file, ByteBuffer bytes, int from, int length, long offset)
      throws IOException;

  /// For files that have no pages, or no checksums.
  PageCheck NONE = (file, bytes, from, length, offset) -> List.of();
}
