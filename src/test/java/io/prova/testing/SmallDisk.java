package io.prova.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A file system in memory, of a size that can be filled. Needs root.
public final class SmallDisk implements AutoCloseable {

  private static final String FILLING = "filling";

  private final Path mountPoint;

  private SmallDisk(Path mountPoint) {
    this.mountPoint = mountPoint;
  }

  /// Whether one may be mounted here.
  public static boolean possible() throws IOException, InterruptedException {
    Path probe = Files.createTempDirectory("prova-mount");
    try {
      return run("mount", "-t", "tmpfs", "tmpfs", probe.toString())
          && run("umount", probe.toString());
    } finally {
      Files.delete(probe);
    }
  }

  /// @param options of tmpfs, such as `size=8m` or `nr_inodes=100`
  public static SmallDisk mount(Path mountPoint, String options)
      throws IOException, InterruptedException {
    Files.createDirectories(mountPoint);
    SmallDisk disk = new SmallDisk(mountPoint);
    disk.require("mount", "-t", "tmpfs", "-o", options, "tmpfs", mountPoint.toString());
    return disk;
  }

  public Path root() {
    return mountPoint;
  }

  /// Takes all room but so many bytes.
  public void fillBut(long bytes) throws IOException {
    makeRoom();
    long filling = Files.getFileStore(mountPoint).getUsableSpace() - bytes;
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(mountPoint.resolve(FILLING))) {
      for (long written = 0; written + block.length <= filling; written += block.length) {
        out.write(block);
      }
    }
  }

  public void makeRoom() throws IOException {
    Files.deleteIfExists(mountPoint.resolve(FILLING));
  }

  public void remount(String options) throws IOException, InterruptedException {
    require("mount", "-o", "remount," + options, mountPoint.toString());
  }

  public void unmount() throws IOException, InterruptedException {
    require("umount", mountPoint.toString());
  }

  private void require(String... words) throws IOException, InterruptedException {
    if (!run(words)) {
      throw new IOException(List.of(words) + " failed");
    }
  }

  private static boolean run(String... words) throws IOException, InterruptedException {
    return new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  @Override
  public void close() throws IOException {
    try {
      boolean _ = run("umount", "-l", mountPoint.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
