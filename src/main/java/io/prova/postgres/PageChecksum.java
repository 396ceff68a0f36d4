package io.prova.postgres;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The checksum of a data page, as PostgreSQL writes it into the page's header when data checksums
/// are on. Source: `src/include/storage/checksum_impl.h` and `bufpage.h`.
public final class PageChecksum {

  public static final int PAGE = 8192;

  private static final int LANES = 32;
  private static final int ROUNDS = PAGE / (LANES * Integer.BYTES);
  private static final int PRIME = 16777619;
  private static final int CHECKSUM_AT = 8;
  private static final int UPPER_AT = 14;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int[] BASES = {
    0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
    0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
    0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
    0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
  };

  private PageChecksum() {}

  /// Whether the page at `at` is as it was written: it is new (PostgreSQL has not filled it yet,
  /// and it holds nothing but zeroes), or its checksum fits its content and its place.
  ///
  /// @param blockNumber in the relation's fork, over all its segments
  public static boolean isRight(MemorySegment pages, long at, long blockNumber) {
    return isNew(pages, at)
        ? isZero(pages, at)
        : Short.toUnsignedInt(pages.get(SHORT, at + CHECKSUM_AT)) == of(pages, at, blockNumber);
  }

  /// PostgreSQL's own test; such a page has no checksum.
  private static boolean isNew(MemorySegment pages, long at) {
    return pages.get(SHORT, at + UPPER_AT) == 0;
  }

  /// The position in WAL of the last change to the page.
  public static Lsn lsn(MemorySegment pages, long at) {
    return new Lsn(
        Integer.toUnsignedLong(pages.get(INT, at)) << 32
            | Integer.toUnsignedLong(pages.get(INT, at + Integer.BYTES)));
  }

  /// Thirty-two sums side by side, which compilers turn into vector instructions.
  static int of(MemorySegment pages, long at, long blockNumber) {
    int[] sums = BASES.clone();
    for (int round = 0; round < ROUNDS; round++) {
      long row = at + (long) round * LANES * Integer.BYTES;
      for (int lane = 0; lane < LANES; lane++) {
        int value = pages.get(INT, row + (long) lane * Integer.BYTES);
        // The checksum itself counts as zero; the 16 bits beside it are flags.
        if (round == 0 && lane == CHECKSUM_AT / Integer.BYTES) {
          value &= 0xFFFF0000;
        }
        int mixed = sums[lane] ^ value;
        sums[lane] = mixed * PRIME ^ mixed >>> 17;
      }
    }
    int folded = 0;
    for (int sum : sums) {
      int once = sum * PRIME ^ sum >>> 17;
      folded ^= once * PRIME ^ once >>> 17;
    }
    return (int) (Integer.toUnsignedLong(folded ^ (int) blockNumber) % 65535) + 1;
  }

  /// Whether the page has nothing but zeroes.
  private static boolean isZero(MemorySegment pages, long at) {
    for (int i = 0; i < PAGE; i += Long.BYTES) {
      if (pages.get(LONG, at + i) != 0) {
        return false;
      }
    }
    return true;
  }
}
