package io.prova.engine.pack;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// What stands at the end of a pack, behind its last frame, in zstd frames that other programs
/// skip: the checks of its frames, and their lengths as zstd's seekable format has them.
///
/// ```
/// u32 0x184D2A50   skippable frame          u32 0x184D2A5E   skippable frame
/// u32 length       16 + 8n                  u32 length       17 + 8(n+1) - 8
/// u8[8] "PROVAIX1"                          (n+1) times:
/// u32 n            frames                     u32 stored bytes
/// u32 0                                       u32 raw bytes     (0 for the frame to the left)
/// n times u64      check of the raw bytes   u32 n+1
///                                           u8  0            no checksums of theirs
///                                           u32 0x8F92EAB1
/// ```
///
/// All numbers are little-endian. See docs/format.md.
public final class PackIndex {

  private static final int SKIPPABLE = 0x184D2A50;
  private static final int SEEK_TABLE = 0x184D2A5E;
  private static final int SEEKABLE_FOOTER = 0x8F92EAB1;
  private static final byte[] MAGIC = {'P', 'R', 'O', 'V', 'A', 'I', 'X', '1'};

  private static final int FRAME_HEADER = 8;
  private static final int CHECKS_HEADER = MAGIC.length + 8;
  private static final int FOOTER = 9;

  /// A frame may be as large as a reader's buffer; larger ones are refused before anything is
  /// allocated.
  public static final int MOST_FRAME_BYTES = 8 * 1024 * 1024;

  /// 4 TiB in frames of 512 KiB: more than any pack of ours has, less than what fills memory.
  public static final int MOST_FRAMES = 8 * 1024 * 1024;

  private PackIndex() {}

  /// How long the index of so many frames is.
  public static long bytes(int frames) {
    return FRAME_HEADER + CHECKS_HEADER + 8L * frames + FRAME_HEADER + 8L * (frames + 1) + FOOTER;
  }

  /// The index of the frames whose numbers are given, three for each.
  static ByteBuffer encode(FrameList frames) {
    int n = frames.size();
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(bytes(n))).order(ByteOrder.LITTLE_ENDIAN);
    int checks = CHECKS_HEADER + 8 * n;
    out.putInt(SKIPPABLE).putInt(checks).put(MAGIC).putInt(n).putInt(0);
    for (int i = 0; i < n; i++) {
      out.putLong(frames.check(i));
    }
    out.putInt(SEEK_TABLE).putInt(8 * (n + 1) + FOOTER);
    for (int i = 0; i < n; i++) {
      out.putInt(frames.stored(i)).putInt(frames.raw(i));
    }
    out.putInt(FRAME_HEADER + checks).putInt(0);
    out.putInt(n + 1).put((byte) 0).putInt(SEEKABLE_FOOTER);
    return out.flip();
  }

  /// @param index all bytes behind the last frame
  /// @param at where they begin, which is where the frames must end
  /// @throws BadObjectException if they are not such an index
  static List<Frame> decode(String pack, ByteBuffer index, long at) throws BadObjectException {
    ByteBuffer in = index.slice().order(ByteOrder.LITTLE_ENDIAN);
    int length = in.remaining();
    if (length < bytes(0)) {
      throw bad(pack, "is too short: " + length + " bytes");
    }
    int n = in.getInt(FRAME_HEADER + MAGIC.length);
    if (n < 0 || n > MOST_FRAMES || bytes(n) != length) {
      throw bad(pack, "has " + length + " bytes, and states " + n + " frames");
    }
    int checks = CHECKS_HEADER + 8 * n;
    require(pack, in.getInt(), SKIPPABLE);
    require(pack, in.getInt(), checks);
    for (byte each : MAGIC) {
      require(pack, in.get(), each);
    }
    in.getInt();
    require(pack, in.getInt(), 0);
    int checksAt = in.position();
    in.position(FRAME_HEADER + checks);
    require(pack, in.getInt(), SEEK_TABLE);
    require(pack, in.getInt(), 8 * (n + 1) + FOOTER);
    List<Frame> frames = new ArrayList<>(n);
    long position = 0;
    long rawPosition = 0;
    for (int i = 0; i < n; i++) {
      int stored = in.getInt();
      int raw = in.getInt();
      if (stored <= 0 || stored > MOST_FRAME_BYTES || raw <= 0 || raw > MOST_FRAME_BYTES) {
        throw bad(pack, "has frame " + i + " of " + stored + " stored and " + raw + " raw bytes");
      }
      frames.add(
          new Frame(position, stored, rawPosition, raw, Check.of(in.getLong(checksAt + 8 * i))));
      position += stored;
      rawPosition += raw;
    }
    require(pack, in.getInt(), FRAME_HEADER + checks);
    require(pack, in.getInt(), 0);
    require(pack, in.getInt(), n + 1);
    require(pack, in.get(), 0);
    require(pack, in.getInt(), SEEKABLE_FOOTER);
    if (position != at) {
      throw bad(pack, "begins at byte " + at + ", its frames end at " + position);
    }
    return frames;
  }

  private static void require(String pack, int found, int expected) throws BadObjectException {
    if (found != expected) {
      throw bad(
          pack,
          "has 0x" + Integer.toHexString(found) + " instead of 0x" + Integer.toHexString(expected));
    }
  }

  private static BadObjectException bad(String pack, String what) {
    return new BadObjectException(pack, "its index " + what);
  }
}
