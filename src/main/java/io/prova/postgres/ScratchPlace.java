package io.prova.postgres;

import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A directory for one scratch server, private to the user who runs it, that leaves nothing behind:
/// it is removed on close, and what a killed process left is swept by the next one ([#sweep]).
public final class ScratchPlace implements AutoCloseable {

  private static final String PREFIX = "prova-scratch-";
  private static final String LOCK = "owner.lock";

  private final Path root;
  private final OsUser owner;
  private final FileLock lock;

  private ScratchPlace(Path root, OsUser owner, FileLock lock) {
    this.root = root;
    this.owner = owner;
    this.lock = lock;
  }

  /// @param parent must exist; the short path matters, since a Unix socket's path has at most 107
  ///   bytes
  /// @param owner who will run the server
  public static ScratchPlace create(Path parent, OsUser owner) throws IOException {
    Path root = Files.createTempDirectory(parent.toAbsolutePath(), PREFIX);
    FileLock lock =
        FileLock.tryExclusive(root.resolve(LOCK), "pid " + ProcessHandle.current().pid())
            .orElseThrow(() -> new IOException("a new directory is locked already: " + root));
    give(root, owner);
    return new ScratchPlace(root, owner, lock);
  }

  public Path root() {
    return root;
  }

  public OsUser owner() {
    return owner;
  }

  /// Creates a directory (0700) that belongs to the server's user.
  public Path directory(String name) throws IOException {
    Path created = root.resolve(name);
    DurableFiles.createDirectory(created);
    give(created, owner);
    return created;
  }

  /// Makes `path` belong to `owner`; a no-op where it does.
  public static void give(Path path, OsUser owner) throws IOException {
    if (!Files.getAttribute(path, "unix:uid", java.nio.file.LinkOption.NOFOLLOW_LINKS)
        .equals(owner.uid())) {
      Files.setAttribute(path, "unix:uid", owner.uid(), java.nio.file.LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", owner.gid(), java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }
  }

  /// Removes the places below `parent` whose owner is gone, ending servers that still run there.
  ///
  /// @return what was removed
  public static List<Path> sweep(Path parent) throws IOException, InterruptedException {
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    java.util.ArrayList<Path> swept = new java.util.ArrayList<>();
    try (DirectoryStream<Path> places = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path place : places) {
        if (Files.isWritable(place) && sweepOne(place)) {
          swept.add(place);
        }
      }
    }
    return swept;
  }

  private static boolean sweepOne(Path place) throws IOException, InterruptedException {
    Optional<FileLock> lock;
    try {
      lock =
          FileLock.tryExclusive(
              place.resolve(LOCK), "sweeping, pid " + ProcessHandle.current().pid());
    } catch (NoSuchFileException e) {
      return false; // its owner removed it just now
    }
    if (lock.isEmpty()) {
      return false;
    }
    try (FileLock held = lock.get()) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(place)) {
        for (Path child : children) {
          endServerIn(child);
        }
      }
      DurableFiles.deleteTree(place);
    }
    return true;
  }

  /// Ends the server whose data directory is `directory`, if one runs. Its pid alone is no proof
  /// (numbers are used again), so the process must also work in that directory, as a postmaster
  /// does.
  private static void endServerIn(Path directory) throws IOException, InterruptedException {
    Path pidFile = directory.resolve("postmaster.pid");
    if (!Files.isRegularFile(pidFile)) {
      return;
    }
    String first = Files.readString(pidFile).lines().findFirst().orElse("").strip();
    if (!first.matches("[0-9]+")) {
      return;
    }
    Path workingDirectory = Path.of("/proc", first, "cwd");
    Optional<ProcessHandle> server = ProcessHandle.of(Long.parseLong(first));
    if (server.isEmpty()
        || !Files.exists(workingDirectory)
        || !Files.isSameFile(workingDirectory, directory)) {
      return;
    }
    server.get().descendants().forEach(ProcessHandle::destroyForcibly);
    server.get().destroyForcibly();
    for (int i = 0; i < 100 && server.get().isAlive(); i++) {
      Thread.sleep(50);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      DurableFiles.deleteTree(root);
    } finally {
      lock.close();
    }
  }
}
