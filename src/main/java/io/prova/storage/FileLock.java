package io.prova.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A lock that the kernel gives up when its owner dies, whatever the way: nobody has to break a
/// stale one. A file beside it (`<name>.holder`) says who has it alone; that is information, the
/// lock is the truth.
public final class FileLock implements AutoCloseable {

  /// POSIX drops a process's locks on a file when the process closes *any* descriptor of it, so a
  /// file may be open only once: what this process holds is kept here and consulted before the file
  /// is touched.
  private static final Map<Path, Held> HELD_BY_THIS_PROCESS = new HashMap<>();

  /// Short against what is done under a lock that others wait for, long against a system call.
  private static final Duration POLL = Duration.ofMillis(10);

  private static final class Held {
    final FileChannel channel;
    final boolean shared;
    int sharers = 1;

    Held(FileChannel channel, boolean shared) {
      this.channel = channel;
      this.shared = shared;
    }
  }

  private final Path file;
  private boolean released;

  private FileLock(Path file) {
    this.file = file;
  }

  /// Takes the lock alone, or returns empty when anyone else holds it.
  ///
  /// @param holder one line about the owner, for [#holder]
  public static Optional<FileLock> tryExclusive(Path file, String holder) throws IOException {
    Optional<FileLock> lock = tryLock(file, false);
    if (lock.isPresent()) {
      try {
        DurableFiles.replace(holderFile(file), (holder + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // Only information, and on a full disk what makes room needs the lock all the same.
      }
    }
    return lock;
  }

  /// Takes the lock alone, waiting while others hold it; empty when they still do after `patience`.
  /// Who waits longest is not first in line.
  public static Optional<FileLock> awaitExclusive(Path file, String holder, Duration patience)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    Optional<FileLock> lock = tryExclusive(file, holder);
    while (lock.isEmpty() && System.nanoTime() - began < patience.toNanos()) {
      Thread.sleep(POLL);
      lock = tryExclusive(file, holder);
    }
    return lock;
  }

  /// Takes the lock together with other sharers, or returns empty when someone holds it alone.
  public static Optional<FileLock> tryShared(Path file) throws IOException {
    return tryLock(file, true);
  }

  private static Optional<FileLock> tryLock(Path file, boolean shared) throws IOException {
    Path key = file.toAbsolutePath().normalize();
    synchronized (HELD_BY_THIS_PROCESS) {
      Held held = HELD_BY_THIS_PROCESS.get(key);
      if (held != null) {
        if (!shared || !held.shared) {
          return Optional.empty();
        }
        held.sharers++;
        return Optional.of(new FileLock(key));
      }
      FileChannel channel = DurableFiles.openOrCreate(key);
      boolean locked = false;
      try {
        locked = channel.tryLock(0, Long.MAX_VALUE, shared) != null;
      } finally {
        if (!locked) {
          channel.close();
        }
      }
      if (!locked) {
        return Optional.empty();
      }
      HELD_BY_THIS_PROCESS.put(key, new Held(channel, shared));
      return Optional.of(new FileLock(key));
    }
  }

  /// What the one who has (or last had) the lock alone said of itself.
  public static Optional<String> holder(Path file) {
    try {
      String text = Files.readString(holderFile(file)).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (IOException e) {
      return Optional.empty(); // only information: without it the message is poorer
    }
  }

  /// When the one who has (or last had) the lock alone took it, by the file system's clock; empty
  /// where that could not be written.
  public static Optional<Instant> taken(Path file) {
    try {
      return Optional.of(Files.getLastModifiedTime(holderFile(file)).toInstant());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Path holderFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".holder");
  }

  @Override
  public void close() throws IOException {
    synchronized (HELD_BY_THIS_PROCESS) {
      Held held = HELD_BY_THIS_PROCESS.get(file);
      if (released || held == null) {
        return;
      }
      released = true;
      held.sharers--;
      if (held.sharers == 0) {
        HELD_BY_THIS_PROCESS.remove(file);
        held.channel.close();
      }
    }
  }
}
