package io.prova.storage;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/// Lets what root creates belong to whom the directory above it belongs to.
///
/// A repository belongs to the user whose daemon writes it every night. After a disaster root
/// comes, since only root may put the cluster back, and writes to the same journal and the same
/// locks: left as root's, they would end every later backup.
public final class Inherited {

  private static final int ROOT = 0;
  private static final boolean AM_ROOT = "root".equals(System.getProperty("user.name"));

  private Inherited() {}

  /// Gives a file or directory that was just created its owner. Does nothing unless we are root.
  public static void owner(Path created) throws IOException {
    Path parent = created.toAbsolutePath().getParent();
    if (!AM_ROOT || parent == null) {
      return;
    }
    Integer owner = (Integer) Files.getAttribute(parent, "unix:uid");
    if (owner != ROOT) {
      give(created, owner, (Integer) Files.getAttribute(parent, "unix:gid"));
    }
  }

  /// The same for everything below `created`, which another program made for us.
  public static void ownerOfTree(Path created) throws IOException {
    Path parent = created.toAbsolutePath().getParent();
    if (!AM_ROOT || parent == null) {
      return;
    }
    Integer owner = (Integer) Files.getAttribute(parent, "unix:uid");
    if (owner == ROOT) {
      return;
    }
    Integer group = (Integer) Files.getAttribute(parent, "unix:gid");
    Files.walkFileTree(
        created,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            give(directory, owner, group);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            give(file, owner, group);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void give(Path path, Integer owner, Integer group) throws IOException {
    Files.setAttribute(path, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
  }
}
