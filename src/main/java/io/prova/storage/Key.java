package io.prova.storage;

import java.util.regex.Pattern;

/// The name of an object in a store: words joined by `/`, such as
/// `fisicos/2026-11-22_03-00/000001.tar.zst`.
///
/// A word has letters, digits and `._-+=@,~%`, and begins with none of `.-~`: so a key can be a
/// path on every file system and a URL's path without escapes, cannot climb out of its store, and
/// cannot be taken for a temporary name.
public record Key(String path) implements Comparable<Key> {

  /// S3's limit is 1,024 bytes; what is left belongs to the store's own prefix.
  private static final int MOST_CHARACTERS = 800;

  private static final String WORD = "[A-Za-z0-9_+=@,%][A-Za-z0-9._+=@,~%-]*";
  private static final Pattern PATH = Pattern.compile(WORD + "(?:/" + WORD + ")*");

  /// @throws IllegalArgumentException if `path` is not such a name
  public Key {
    if (path.length() > MOST_CHARACTERS || !PATH.matcher(path).matches()) {
      throw new IllegalArgumentException("not a key: " + path);
    }
  }

  /// The key `name` below this one.
  public Key child(String name) {
    return new Key(path + "/" + name);
  }

  /// By the keys' bytes: the order in which every store lists.
  @Override
  public int compareTo(Key other) {
    return path.compareTo(other.path);
  }

  @Override
  public String toString() {
    return path;
  }
}
