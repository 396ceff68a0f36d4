package io.prova.engine.pack;

/// How bytes are laid out and compressed. Any values make packs that any reader reads.
///
/// @param level of zstd
/// @param frameBytes raw bytes of a frame, about
/// @param sharedPackBytes raw bytes after which a shared pack is closed
/// @param ownPackFrom files of that size and more get a pack of their own
/// @param workers how many frames are made at once
public record PackPlan(
    int level, int frameBytes, long sharedPackBytes, long ownPackFrom, int workers) {

  public static final int DEFAULT_LEVEL = 1;

  /// Each has about 5 MiB of buffers, packing or unpacking: with 32, memory stays below 200 MiB on
  /// a machine of any size, and they are faster than disks.
  public static final int MOST_WORKERS = 32;

  /// @param cores of the machine
  public static PackPlan of(int level, int cores) {
    return new PackPlan(level, 1024 * 1024, 256L << 20, 64L << 20, Math.min(cores, MOST_WORKERS));
  }

  public PackPlan {
    if (frameBytes < 4096 || frameBytes > PackIndex.MOST_FRAME_BYTES / 2 || workers < 1) {
      throw new IllegalArgumentException("no pack plan: " + frameBytes + ", " + workers);
    }
  }
}
