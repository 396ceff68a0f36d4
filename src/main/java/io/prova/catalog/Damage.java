package io.prova.catalog;

import io.prova.base.Message;

/// One thing in a stored backup that is not as it was written.
///
/// @param path relative to the backup's directory
public record Damage(String path, Kind kind, Message detail) {

  public enum Kind {
    MISSING,
    CHANGED,
    EXTRA,
    UNREADABLE
  }

  @Override
  public String toString() {
    return path + ": " + detail;
  }
}
