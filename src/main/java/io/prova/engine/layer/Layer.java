package io.prova.engine.layer;

/// Where bytes of a file are.
///
/// @param kind `base`: the whole file, as one member of the pack's tar
/// @param pack the pack's name
/// @param at where the file's bytes begin in the tar stream
public record Layer(Kind kind, String pack, long at) {

  /// What a layer has. Deltas (changed pages over an older base) are to come; a reader that meets a
  /// kind it does not know refuses the manifest.
  public enum Kind {
    @com.fasterxml.jackson.annotation.JsonProperty("base")
    BASE
  }
}
