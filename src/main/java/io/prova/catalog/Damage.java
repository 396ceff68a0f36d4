package io.prova.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.base.Message;

/// One thing in a stored backup that is not as it was written.
///
/// @param path relative to the backup's directory
public record Damage(String path, Kind kind, Message detail) {

  public enum Kind {
    @JsonProperty("missing")
    MISSING,
    @JsonProperty("changed")
    CHANGED,
    @JsonProperty("extra")
    EXTRA,
    @JsonProperty("unreadable")
    UNREADABLE
  }

  @Override
  public String toString() {
    return path + ": " + detail;
  }
}
