package io.prova.base;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// A SHA-256 digest, as 64 lower-case hexadecimal digits.
public record Digest(@JsonValue String hex) {

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException("not a SHA-256 digest: " + hex);
    }
  }

  public static Digest of(byte[] content) {
    return of(newSha256().digest(content), 0);
  }

  /// Ends `sha256` and takes its value; it starts anew afterwards.
  public static Digest of(MessageDigest sha256) {
    return of(sha256.digest(), 0);
  }

  private static Digest of(byte[] value, int from) {
    return new Digest(HexFormat.of().formatHex(value, from, value.length));
  }

  public static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
