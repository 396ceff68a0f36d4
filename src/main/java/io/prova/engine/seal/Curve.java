package io.prova.engine.seal;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/// X25519 (RFC 7748), on its bytes.
final class Curve {

  static final int BYTES = 32;

  private static final byte[] BASE = new byte[BYTES];

  static {
    BASE[0] = 9;
  }

  private Curve() {}

  /// The point that belongs to a secret.
  static byte[] pointOf(byte[] secret) {
    try {
      return multiply(secret, BASE);
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("the base point is good", e);
    }
  }

  /// @throws InvalidKeyException if the point is one with which every secret gives the same
  static byte[] multiply(byte[] secret, byte[] point) throws InvalidKeyException {
    try {
      KeyFactory keys = KeyFactory.getInstance("X25519");
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(
          keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret.clone())));
      agreement.doPhase(
          keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, coordinate(point))),
          true);
      return agreement.generateSecret();
    } catch (InvalidKeyException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has X25519", e);
    }
  }

  /// Little-endian; the highest bit means nothing.
  private static BigInteger coordinate(byte[] point) {
    byte[] bigEndian = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bigEndian[i] = point[BYTES - 1 - i];
    }
    bigEndian[0] &= 0x7f;
    return new BigInteger(1, bigEndian);
  }
}
