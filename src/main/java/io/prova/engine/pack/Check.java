package io.prova.engine.pack;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/// Tells bytes from other bytes at no cost worth naming: CRC-32C and CRC-32 side by side, 64 bits.
///
/// Both are cyclic codes of different polynomials, so together they miss a change with the
/// probability of one 64-bit code, 2^-64. The JDK computes each at tens of gigabytes a second, and
/// both can be *combined*: the check of a file follows from those of its parts, whoever read them,
/// in whatever order. Malice is another question, which the SHA-256 of what is stored answers. See
/// docs/adr/0015-frame-checks.md.
///
/// Written as 16 hexadecimal digits, the CRC-32C first.
public record Check(int crc32c, int crc32) {

  /// Of no bytes.
  public static final Check EMPTY = new Check(0, 0);

  public static final int BYTES = 8;

  private static final int CRC32C_POLYNOMIAL = 0x82F63B78;
  private static final int CRC32_POLYNOMIAL = 0xEDB88320;
  private static final int[] CRC32C_POWERS = powers(CRC32C_POLYNOMIAL);
  private static final int[] CRC32_POWERS = powers(CRC32_POLYNOMIAL);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Check parse(String hex) {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException("not a check: " + hex);
    }
    return of(HexFormat.fromHexDigitsToLong(hex));
  }

  /// @param value as [#value] gives it
  public static Check of(long value) {
    return new Check((int) (value >>> 32), (int) value);
  }

  /// Of what remains in `bytes`, whose position does not move.
  public static Check of(ByteBuffer bytes) {
    CRC32C crc32c = new CRC32C();
    crc32c.update(bytes.duplicate());
    CRC32 crc32 = new CRC32();
    crc32.update(bytes.duplicate());
    return new Check((int) crc32c.getValue(), (int) crc32.getValue());
  }

  /// Of `length` bytes from `from` on.
  public static Check of(ByteBuffer bytes, int from, int length) {
    return of(bytes.slice(from, length));
  }

  public long value() {
    return (long) crc32c << 32 | Integer.toUnsignedLong(crc32);
  }

  /// The check of these bytes with others behind them.
  ///
  /// @param length of the others
  public Check then(Check others, long length) {
    return new Check(
        combine(crc32c, others.crc32c, length, CRC32C_POLYNOMIAL, CRC32C_POWERS),
        combine(crc32, others.crc32, length, CRC32_POLYNOMIAL, CRC32_POWERS));
  }

  @JsonValue
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(value());
  }

  /// A CRC is the message as a polynomial modulo P, so appending n bytes multiplies what was before
  /// by x^(8n). Bit 31 is the coefficient of x^0, as the code's reflected form has it.
  private static int combine(int first, int second, long length, int polynomial, int[] powers) {
    int shift = 1 << 31; // x^0
    int power = 3; // x^(2^3) is one byte
    for (long left = length; left != 0; left >>>= 1, power++) {
      if ((left & 1) != 0) {
        shift = multiply(powers[power], shift, polynomial);
      }
    }
    return multiply(shift, first, polynomial) ^ second;
  }

  /// x^(2^k) modulo P, for every k that a length of 63 bits in bytes needs.
  private static int[] powers(int polynomial) {
    int[] powers = new int[67];
    powers[0] = 1 << 30; // x^1
    for (int k = 1; k < powers.length; k++) {
      powers[k] = multiply(powers[k - 1], powers[k - 1], polynomial);
    }
    return powers;
  }

  private static int multiply(int a, int b, int polynomial) {
    int product = 0;
    int shifted = b;
    for (int bit = 1 << 31; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= shifted;
      }
      shifted = (shifted & 1) != 0 ? shifted >>> 1 ^ polynomial : shifted >>> 1;
    }
    return product;
  }
}
