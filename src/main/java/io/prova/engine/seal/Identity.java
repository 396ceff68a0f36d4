package io.prova.engine.seal;

import java.security.SecureRandom;
import java.util.Locale;

/// The secret half of a key, `AGE-SECRET-KEY-1…`: with it one reads what was sealed for its
/// [#recipient].
public final class Identity {

  private static final String PREFIX = "age-secret-key-";

  private final byte[] secret;
  private final Recipient recipient;

  private Identity(byte[] secret) {
    this.secret = secret;
    this.recipient = new Recipient(Curve.pointOf(secret));
  }

  public static Identity generate(SecureRandom random) {
    byte[] secret = new byte[Curve.BYTES];
    random.nextBytes(secret);
    return new Identity(secret);
  }

  /// @throws IllegalArgumentException if `text` is no such key; its message does not repeat it
  public static Identity parse(String text) {
    byte[] secret = Bech32.decode(PREFIX, text);
    if (secret.length != Curve.BYTES || !text.equals(text.toUpperCase(Locale.ROOT))) {
      throw new IllegalArgumentException("not an X25519 identity");
    }
    return new Identity(secret);
  }

  public Recipient recipient() {
    return recipient;
  }

  byte[] secret() {
    return secret.clone();
  }

  /// The key itself, for the file that holds it and nothing else.
  public String reveal() {
    return Bech32.encode(PREFIX, secret).toUpperCase(Locale.ROOT);
  }

  /// Says which key it is, not the key.
  @Override
  public String toString() {
    return "the secret of " + recipient;
  }
}
