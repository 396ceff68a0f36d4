package io.prova.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Where a repository keeps its bytes: objects that are created once, read in part, listed, and
/// deleted whole. Nothing is ever overwritten or appended to, and no method needs more than one
/// object, so a file system and an object store can both be one.
///
/// Safe for several threads and several processes at once. What each method does with a missing or
/// a taken key is tested by [StorageContract], which every store and every wrapper passes.
///
/// No key may continue another by `/`: on a file system a name is either a file or a directory.
///
/// A credential that may only put can make a backup: [#create], and nothing else of this interface,
/// is needed to write.
public interface ObjectStore {

  /// Begins an object of a length that nobody knows yet.
  ///
  /// Whether the key is taken is decided when the object is committed, not here.
  ObjectWriter create(Key key) throws IOException;

  /// Stores `content` under `key`, durably, before returning. Leaves nothing visible on failure.
  ///
  /// @throws java.nio.file.FileAlreadyExistsException if `key` is taken
  default void putIfAbsent(Key key, ByteBuffer content) throws IOException {
    try (ObjectWriter writer = create(key)) {
      writer.write(content);
      writer.commit();
    }
  }

  /// Reads from `offset` on until `into` is full or the object ends.
  ///
  /// @return how many bytes were read: less than there was room for only at the object's end, 0
  ///   beyond it
  /// @throws java.nio.file.NoSuchFileException if there is no such object
  int read(Key key, long offset, ByteBuffer into) throws IOException;

  /// @return empty if there is no such object
  Optional<ObjectStat> stat(Key key) throws IOException;

  /// The objects whose keys begin with `prefix`, after `after`, in the order of keys. Every object
  /// that was committed before the call and not deleted is in it.
  ///
  /// @param prefix empty, or the beginning of keys up to any character
  /// @param limit at most so many, 1 to 1,000; fewer may come back even when more follow
  ObjectPage list(String prefix, Optional<Key> after, int limit) throws IOException;

  /// Removes an object, durably.
  ///
  /// @return whether it was there; a repeated call is no error
  boolean delete(Key key) throws IOException;
}
