package io.prova.engine.seal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Bytes as letters and digits that notice a slip: how age writes its keys.
///
/// Source: BIP 173, without its limit of 90 characters.
final class Bech32 {

  private static final String DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int[] GENERATOR = {
    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
  };
  private static final int CHECKSUM = 6;

  private Bech32() {}

  /// @param prefix in small letters
  /// @return in small letters
  static String encode(String prefix, byte[] content) {
    byte[] digits = regroup(content, 8, 5, true);
    byte[] checked = concat(expand(prefix), digits, new byte[CHECKSUM]);
    int polymod = polymod(checked) ^ 1;
    StringBuilder text = new StringBuilder(prefix).append('1');
    for (byte digit : digits) {
      text.append(DIGITS.charAt(digit));
    }
    for (int i = 0; i < CHECKSUM; i++) {
      text.append(DIGITS.charAt((polymod >>> (5 * (CHECKSUM - 1 - i))) & 31));
    }
    return text.toString();
  }

  /// @param prefix that must be there, in small letters
  /// @param text all in small or all in capital letters
  /// @throws IllegalArgumentException if it is not such a text; its message does not repeat it
  static byte[] decode(String prefix, String text) {
    String small = text.toLowerCase(Locale.ROOT);
    if (!text.equals(small) && !text.equals(text.toUpperCase(Locale.ROOT))) {
      throw new IllegalArgumentException("small and capital letters are mixed");
    }
    int separator = small.lastIndexOf('1');
    if (separator < 1 || !small.substring(0, separator).equals(prefix)) {
      throw new IllegalArgumentException("does not begin with " + prefix + "1");
    }
    byte[] digits = new byte[small.length() - separator - 1];
    for (int i = 0; i < digits.length; i++) {
      int digit = DIGITS.indexOf(small.charAt(separator + 1 + i));
      if (digit < 0) {
        throw new IllegalArgumentException("holds a character that cannot be");
      }
      digits[i] = (byte) digit;
    }
    if (digits.length < CHECKSUM || polymod(concat(expand(prefix), digits)) != 1) {
      throw new IllegalArgumentException("is mistyped: its last six characters do not fit");
    }
    byte[] content = new byte[digits.length - CHECKSUM];
    System.arraycopy(digits, 0, content, 0, content.length);
    return regroup(content, 5, 8, false);
  }

  private static int polymod(byte[] values) {
    int check = 1;
    for (byte value : values) {
      int top = check >>> 25;
      check = (check & 0x1ffffff) << 5 ^ value;
      for (int i = 0; i < GENERATOR.length; i++) {
        if ((top >>> i & 1) == 1) {
          check ^= GENERATOR[i];
        }
      }
    }
    return check;
  }

  private static byte[] expand(String prefix) {
    byte[] letters = prefix.getBytes(StandardCharsets.US_ASCII);
    byte[] expanded = new byte[2 * letters.length + 1];
    for (int i = 0; i < letters.length; i++) {
      expanded[i] = (byte) (letters[i] >>> 5);
      expanded[letters.length + 1 + i] = (byte) (letters[i] & 31);
    }
    return expanded;
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /// @param pad fill the last group with zeroes; otherwise what is left over must be zeroes, and
  ///   less than a group
  private static byte[] regroup(byte[] from, int bitsFrom, int bitsTo, boolean pad) {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    int held = 0;
    int bits = 0;
    int mask = (1 << bitsTo) - 1;
    for (byte each : from) {
      held = (held << bitsFrom) | (each & ((1 << bitsFrom) - 1));
      bits += bitsFrom;
      while (bits >= bitsTo) {
        bits -= bitsTo;
        to.write((held >>> bits) & mask);
      }
      held &= (1 << bits) - 1;
    }
    if (pad && bits > 0) {
      to.write((held << (bitsTo - bits)) & mask);
    } else if (!pad && (bits >= bitsFrom || held != 0)) {
      throw new IllegalArgumentException("has bits left over");
    }
    return to.toByteArray();
  }
}
