package io.prova.engine.seal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The keys that follow from others in an age file, and what is done with them.
final class Derived {

  static final int TAG = 16;

  private static final int KEY = 32;
  private static final int NONCE = 12;

  private Derived() {}

  /// HKDF-SHA-256 (RFC 5869).
  private static byte[] derive(byte[] secret, byte[] salt, String info) {
    try {
      HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(secret);
      if (salt.length > 0) {
        extract.addSalt(salt);
      }
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(extract.thenExpand(info.getBytes(StandardCharsets.US_ASCII), KEY));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HKDF", e);
    }
  }

  /// What a recipient's share of the file key is wrapped with.
  ///
  /// @param salt the ephemeral point, then the recipient's
  static SecretKey wrapKey(byte[] shared, byte[] salt) {
    return chachaKey(derive(shared, salt, "age-encryption.org/v1/X25519"));
  }

  static SecretKey payloadKey(byte[] fileKey, byte[] nonce) {
    return chachaKey(derive(fileKey, nonce, "payload"));
  }

  private static SecretKey chachaKey(byte[] bytes) {
    return new SecretKeySpec(bytes, "ChaCha20");
  }

  static byte[] headerMac(byte[] fileKey, byte[] header) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(derive(fileKey, new byte[0], "header"), "HmacSHA256"));
      return mac.doFinal(header);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC", e);
    }
  }

  static Cipher newCipher() {
    try {
      return Cipher.getInstance("ChaCha20-Poly1305");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ChaCha20-Poly1305", e);
    }
  }

  /// Each wrap key is used once, so its nonce is zero.
  static byte[] wrapOnce(int mode, SecretKey key, byte[] content) throws GeneralSecurityException {
    Cipher cipher = newCipher();
    cipher.init(mode, key, new IvParameterSpec(new byte[NONCE]));
    return cipher.doFinal(content);
  }

  /// The nonce of a chunk of the payload: its number in 11 bytes, big-endian, and whether it is the
  /// last.
  static IvParameterSpec chunkNonce(long number, boolean last) {
    byte[] nonce = new byte[NONCE];
    for (int i = 0; i < Long.BYTES; i++) {
      nonce[NONCE - 2 - i] = (byte) (number >>> (8 * i));
    }
    nonce[NONCE - 1] = (byte) (last ? 1 : 0);
    return new IvParameterSpec(nonce);
  }
}
