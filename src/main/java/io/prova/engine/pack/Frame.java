package io.prova.engine.pack;

/// A part of a pack that can be read alone: one zstd frame.
///
/// @param at where it begins in the pack
/// @param stored its length there
/// @param rawAt where its bytes are in the tar stream
/// @param raw how many these are
public record Frame(long at, int stored, long rawAt, int raw, Check check) {

  public long end() {
    return at + stored;
  }

  public long rawEnd() {
    return rawAt + raw;
  }
}
