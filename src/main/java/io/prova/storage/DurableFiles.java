package io.prova.storage;

import io.prova.base.TaskGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writing that survives a power cut: temporary name, fsync of the file, rename or link, fsync of
/// the directory. Everything is created readable by its owner only, and what root creates belongs
/// to whom the directory above it belongs to.
public final class DurableFiles {

  /// Files of a tree that are made durable at once.
  private static final int MOST_SYNCING = 32;

  public static final Set<PosixFilePermission> OWNER_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");
  public static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");

  private static final FileAttribute<?> AS_OWNER_DIRECTORY =
      PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY);
  private static final FileAttribute<?> AS_OWNER_FILE =
      PosixFilePermissions.asFileAttribute(OWNER_FILE);

  private static final String TEMPORARY = ".tmp-";

  /// Writing one takes milliseconds.
  private static final Duration TEMPORARY_LIFE = Duration.ofMinutes(2);

  private DurableFiles() {}

  /// Creates `directory` (0700) and those above it that lack, durably. Does nothing where it
  /// exists.
  public static void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    createParents(directory);
    try {
      Files.createDirectory(directory, AS_OWNER_DIRECTORY);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
      return;
    }
    Inherited.owner(directory);
    syncParent(directory);
  }

  /// Creates the directories above `file` that lack.
  public static void createParents(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      createDirectories(parent);
    }
  }

  /// Creates `directory` (0700), which must not exist; its parent must.
  public static void createDirectory(Path directory) throws IOException {
    Files.createDirectory(directory, AS_OWNER_DIRECTORY);
    Inherited.owner(directory);
    syncParent(directory);
  }

  /// Opens a new file (0600) for writing. The caller syncs it and, in the end, its directory.
  ///
  /// @throws FileAlreadyExistsException if it exists
  public static FileChannel openNew(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), AS_OWNER_FILE);
    try {
      Inherited.owner(file);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return channel;
  }

  /// Opens a file for reading and writing, and creates it (0600) where it lacks.
  public static FileChannel openOrCreate(Path file) throws IOException {
    if (!Files.exists(file)) {
      try {
        openNew(file).close();
      } catch (FileAlreadyExistsException e) {
        // somebody else was quicker
      }
    }
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
        AS_OWNER_FILE);
  }

  /// Stores `content` as `file`, durably, before returning. On failure nothing is visible under
  /// that name.
  ///
  /// @throws FileAlreadyExistsException if `file` exists: nothing is ever overwritten
  public static void putIfAbsent(Path file, byte[] content) throws IOException {
    Path temporary = writeTemporary(file, content);
    try {
      // link(2), unlike rename(2), fails when the name is taken: that makes the creation exclusive.
      Files.createLink(file, temporary);
    } catch (UnsupportedOperationException e) {
      throw new IOException(
          "the file system of " + file + " has no hard links, which exclusive creation needs", e);
    } finally {
      Files.deleteIfExists(temporary);
    }
    syncParent(file);
  }

  /// Replaces `file` by `content`, durably: readers see the old or the new, never a mixture. Only
  /// for state that is not part of a repository's published objects.
  public static void replace(Path file, byte[] content) throws IOException {
    Path temporary = writeTemporary(file, content);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncParent(file);
  }

  private static Path writeTemporary(Path file, byte[] content) throws IOException {
    Path temporary =
        file.resolveSibling(TEMPORARY + ProcessHandle.current().pid() + "-" + file.getFileName());
    Files.deleteIfExists(temporary);
    try (FileChannel channel = openNew(temporary)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    return temporary;
  }

  /// Removes temporary files in `directory` whose writers are gone: no process has their number,
  /// and they are older than any write takes (the writer may be on another machine). Best effort:
  /// they are small and harm nobody.
  ///
  /// @param now by the file system's clock
  public static void sweepTemporaries(Path directory, Instant now) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    Instant oldest = now.minus(TEMPORARY_LIFE);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, TEMPORARY + "*-*")) {
      for (Path file : files) {
        String pid = file.getFileName().toString().split("-", 3)[1];
        if (pid.matches("[0-9]{1,10}")
            && ProcessHandle.of(Long.parseLong(pid)).isEmpty()
            && Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      // another process renamed or removed it just now
    }
  }

  /// Renames `from` to `to` within one file system, durably. A directory that is taken is not
  /// replaced.
  ///
  /// @throws FileAlreadyExistsException if `to` exists
  public static void rename(Path from, Path to) throws IOException {
    // rename(2) would silently replace an empty directory or a file.
    if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(to.toString());
    }
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (DirectoryNotEmptyException e) {
      throw new FileAlreadyExistsException(to.toString());
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(
          from + " and " + to + " are on different file systems, and a rename must be atomic", e);
    }
    syncParent(to);
    Path oldParent = from.toAbsolutePath().getParent();
    if (oldParent != null && !oldParent.equals(to.toAbsolutePath().getParent())) {
      syncDirectory(oldParent);
    }
  }

  public static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Makes the names in `directory` durable.
  public static void syncDirectory(Path directory) throws IOException {
    sync(directory);
  }

  public static void syncParent(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      syncDirectory(parent);
    }
  }

  /// Syncs every regular file and every directory below `root`, and `root` itself. Links are not
  /// followed.
  ///
  /// Several at once: a file system writes its journal once for all that wait for it.
  public static void syncTree(Path root) throws IOException, InterruptedException {
    Deque<Future<?>> pending = new ArrayDeque<>();
    try (Stream<Path> paths = Files.walk(root);
        TaskGroup group = TaskGroup.ofWaiters()) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
            || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          pending.addLast(
              group.submit(() -> {
                sync(path);
                return null;
              }));
        }
        if (pending.size() > MOST_SYNCING) {
          TaskGroup.join(pending.removeFirst());
        }
      }
      while (!pending.isEmpty()) {
        TaskGroup.join(pending.removeFirst());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /// Removes `root` and everything below it; links are removed, not followed. Does nothing where it
  /// is absent.
  public static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
            if (failed instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failed;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failed)
              throws IOException {
            if (failed != null) {
              throw failed;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
