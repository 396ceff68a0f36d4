package io.prova.engine.seal;

import java.security.InvalidKeyException;
import java.util.Arrays;

/// Somebody who may read what is sealed, by the public half of a key: `age1…`. It can be known to
/// everybody; whoever has it can seal, and not read.
public final class Recipient {

  private static final String PREFIX = "age";

  private final byte[] point;

  Recipient(byte[] point) {
    this.point = point.clone();
  }

  /// @throws IllegalArgumentException if `text` is no such key
  public static Recipient parse(String text) {
    byte[] point = Bech32.decode(PREFIX, text);
    if (point.length != Curve.BYTES || !text.startsWith(PREFIX)) {
      throw new IllegalArgumentException("not an X25519 recipient");
    }
    try {
      // With some points every secret gives the same: anybody could read.
      byte[] unused = Curve.multiply(new byte[Curve.BYTES], point);
      Arrays.fill(unused, (byte) 0);
    } catch (InvalidKeyException e) {
      throw new IllegalArgumentException("a point that keeps no secret", e);
    }
    return new Recipient(point);
  }

  byte[] point() {
    return point.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Recipient recipient && Arrays.equals(point, recipient.point);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(point);
  }

  @Override
  public String toString() {
    return Bech32.encode(PREFIX, point);
  }
}
