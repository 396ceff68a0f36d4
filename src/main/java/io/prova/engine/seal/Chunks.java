package io.prova.engine.seal;

/// How an age payload is cut: chunks of 64 KiB, each with a tag of 16 bytes. Only the last may be
/// shorter; it is empty only where it is the only one.
final class Chunks {

  static final int CLEAR = 64 * 1024;
  static final int SEALED = CLEAR + Derived.TAG;

  /// Chunks that are dealt with at once: one write or read of a megabyte.
  static final int BATCH = 16;

  private Chunks() {}

  static long count(long sealedBytes) {
    return (sealedBytes + SEALED - 1) / SEALED;
  }

  /// How many clear bytes so many sealed ones hold.
  ///
  /// @throws BadSealException if there is no such payload
  static long clearBytes(String object, long sealedBytes) throws BadSealException {
    long chunks = count(sealedBytes);
    long last = sealedBytes - (chunks - 1) * SEALED;
    if (sealedBytes < Derived.TAG || last < Derived.TAG || (last == Derived.TAG && chunks > 1)) {
      throw new BadSealException(object, "is cut off: its last chunk is missing");
    }
    return sealedBytes - chunks * Derived.TAG;
  }
}
