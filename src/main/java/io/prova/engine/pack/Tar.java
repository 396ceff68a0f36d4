package io.prova.engine.pack;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;

/// The headers of a pack's tar stream, as every `tar` reads them: ustar, with a pax header before
/// it for names that are long or not ASCII, and GNU's binary numbers for sizes of 8 GiB and more.
///
/// Numeric owners are 0 and names empty: who owns a restored file is said at restore time.
public final class Tar {

  public static final int BLOCK = 512;

  /// Two empty blocks end an archive.
  public static final int END_BYTES = 2 * BLOCK;

  private static final int NAME_BYTES = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE_DIGITS = 11;
  private static final int CHECKSUM_AT = 148;
  private static final long MOST_OCTAL = (1L << 33) - 1;

  private static final char FILE = '0';
  private static final char DIRECTORY = '5';
  private static final char PAX = 'x';

  private Tar() {}

  /// How many bytes [#putHeader] writes for this name.
  public static int headerBytes(String path, boolean directory) {
    byte[] name = name(path, directory);
    return isPlain(name) ? BLOCK : 2 * BLOCK + padded(paxRecord(name).length);
  }

  /// `length` rounded up to whole blocks.
  public static int padded(int length) {
    return (length + BLOCK - 1) / BLOCK * BLOCK;
  }

  /// How many zeroes follow `size` bytes of content.
  public static int paddingAfter(long size) {
    return (int) (-size & (BLOCK - 1));
  }

  private static byte[] name(String path, boolean directory) {
    return (directory ? path + "/" : path).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isPlain(byte[] name) {
    if (name.length > NAME_BYTES) {
      return false;
    }
    for (byte each : name) {
      if (each < ' ') { // control characters, and everything beyond ASCII, which is negative here
        return false;
      }
    }
    return true;
  }

  public static void putHeader(
      ByteBuffer out, String path, boolean directory, long size, int mode, Instant mtime) {
    byte[] name = name(path, directory);
    byte[] shown = name;
    if (!isPlain(name)) {
      byte[] record = paxRecord(name);
      putBlock(out, ascii("pax"), PAX, record.length, 0600, mtime);
      out.put(record);
      out.put(new byte[padded(record.length) - record.length]);
      shown = Arrays.copyOf(ascii(new String(name, StandardCharsets.US_ASCII)), NAME_BYTES);
    }
    putBlock(out, shown, directory ? DIRECTORY : FILE, size, mode, mtime);
  }

  private static byte[] ascii(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return bytes.length <= NAME_BYTES ? bytes : Arrays.copyOf(bytes, NAME_BYTES);
  }

  /// `<length> path=<name>\n`, where the length counts itself.
  private static byte[] paxRecord(byte[] name) {
    int rest = " path=".length() + name.length + 1;
    int length = rest;
    while (Integer.toString(length).length() + rest != length) {
      length = Integer.toString(length).length() + rest;
    }
    ByteBuffer record = ByteBuffer.allocate(length);
    record.put(ascii(length + " path=")).put(name).put((byte) '\n');
    return record.array();
  }

  private static void putBlock(
      ByteBuffer out, byte[] name, char type, long size, int mode, Instant mtime) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    block.put(0, name);
    octal(block, 100, 7, mode);
    octal(block, 108, 7, 0);
    octal(block, 116, 7, 0);
    if (size <= MOST_OCTAL) {
      octal(block, SIZE_AT, SIZE_DIGITS, size);
    } else {
      block.put(SIZE_AT, (byte) 0x80).putLong(SIZE_AT + 4, size);
    }
    octal(block, 136, SIZE_DIGITS, Math.clamp(mtime.getEpochSecond(), 0, MOST_OCTAL));
    block.put(156, (byte) type);
    block.put(257, ascii("ustar\0" + "00"));
    for (int i = 0; i < 8; i++) {
      block.put(CHECKSUM_AT + i, (byte) ' ');
    }
    int sum = 0;
    for (byte each : block.array()) {
      sum += each & 0xff;
    }
    octal(block, CHECKSUM_AT, 6, sum);
    block.put(CHECKSUM_AT + 6, (byte) 0).put(CHECKSUM_AT + 7, (byte) ' ');
    out.put(block.array());
  }

  private static void octal(ByteBuffer block, int at, int digits, long value) {
    String text = String.format(Locale.ROOT, "%0" + digits + "o", value);
    block.put(at, ascii(text));
  }
}
