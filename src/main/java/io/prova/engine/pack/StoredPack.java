package io.prova.engine.pack;

import io.prova.base.Digest;
import io.prova.engine.seal.Seal;

/// A pack as a manifest names it.
///
/// @param name of its object, beside the manifest
/// @param stored how long that is, sealed if it is
/// @param raw how long its tar stream is
/// @param indexAt where the index begins, behind the last frame; in clear bytes
/// @param index the SHA-256 of the index, so that a part of the pack can be trusted without the
///   rest
/// @param sha256 of the whole object as it is stored
public record StoredPack(
    String name, long stored, long raw, int frames, long indexAt, Digest index, Digest sha256) {

  /// Whether it is encrypted, which its name says.
  boolean sealed() {
    return name.endsWith(Seal.SUFFIX);
  }
}
