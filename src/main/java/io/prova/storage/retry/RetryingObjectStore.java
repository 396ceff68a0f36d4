package io.prova.storage.retry;

import io.prova.storage.Key;
import io.prova.storage.ObjectPage;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Tries again what failed, and what was read short. What the contract gives a meaning to (a
/// missing or a taken key) is an answer, not a failure.
///
/// An object that is being written goes on where it stopped; when the answer to its commit was
/// lost, what is stored is read and compared.
public final class RetryingObjectStore implements ObjectStore {

  /// Waits between two tries.
  @FunctionalInterface
  public interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  private static final int COMPARED_BYTES = 1024 * 1024;

  private final ObjectStore store;
  private final int tries;
  private final Duration firstPause;
  private final Pause pause;

  /// @param tries at most, 1 or more
  /// @param firstPause after the first failure; it doubles with every further one
  public RetryingObjectStore(ObjectStore store, int tries, Duration firstPause, Pause pause) {
    this.store = store;
    this.tries = tries;
    this.firstPause = firstPause;
    this.pause = pause;
  }

  @FunctionalInterface
  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T retry(Call<T> call) throws IOException {
    Duration wait = firstPause;
    for (int attempt = 1; ; attempt++) {
      try {
        return call.run();
      } catch (NoSuchFileException | FileAlreadyExistsException | InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (attempt == tries) {
          throw e;
        }
        sleep(wait, e);
        wait = wait.multipliedBy(2);
      }
    }
  }

  private void sleep(Duration wait, IOException failed) throws IOException {
    try {
      pause.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.addSuppressed(failed);
      throw interrupted;
    }
  }

  @Override
  public ObjectWriter create(Key key) throws IOException {
    return new Writer(key, retry(() -> store.create(key)));
  }

  private final class Writer implements ObjectWriter {

    private final Key key;
    private final ObjectWriter writer;
    private final CRC32C check = new CRC32C();
    private long length;

    Writer(Key key, ObjectWriter writer) {
      this.key = key;
      this.writer = writer;
    }

    @Override
    public void write(ByteBuffer content) throws IOException {
      check.update(content.duplicate());
      length += content.remaining();
      retry(() -> {
        writer.write(content);
        return true;
      });
    }

    @Override
    public void commit() throws IOException {
      int[] attempts = {0};
      retry(() -> {
        attempts[0]++;
        try {
          writer.commit();
        } catch (FileAlreadyExistsException e) {
          if (attempts[0] == 1 || !isStored()) {
            throw e;
          }
        }
        return true;
      });
    }

    private boolean isStored() throws IOException {
      CRC32C found = new CRC32C();
      ByteBuffer part = ByteBuffer.allocate(COMPARED_BYTES);
      long at = 0;
      for (int count = -1; count != 0; at += count) {
        count = store.read(key, at, part.clear());
        found.update(part.flip());
      }
      return at == length && found.getValue() == check.getValue();
    }

    @Override
    public void close() throws IOException {
      writer.close();
    }
  }

  /// A try whose answer was lost may have stored the object: then the next one finds the key taken,
  /// by these very bytes.
  @Override
  public void putIfAbsent(Key key, ByteBuffer content) throws IOException {
    int[] attempts = {0};
    retry(() -> {
      attempts[0]++;
      try {
        store.putIfAbsent(key, content.duplicate());
      } catch (FileAlreadyExistsException e) {
        if (attempts[0] == 1 || !holds(key, content)) {
          throw e;
        }
      }
      return true;
    });
    content.position(content.limit());
  }

  private boolean holds(Key key, ByteBuffer content) throws IOException {
    ByteBuffer stored = ByteBuffer.allocate(content.remaining() + 1);
    store.read(key, 0, stored);
    return stored.flip().equals(content);
  }

  @Override
  public int read(Key key, long offset, ByteBuffer into) throws IOException {
    int begin = into.position();
    int wanted = into.remaining();
    return retry(() -> {
      into.position(begin);
      int read = store.read(key, offset, into);
      if (read < wanted) {
        requireEnd(key, offset + read);
      }
      return read;
    });
  }

  /// A connection that breaks off can look like an object's end.
  private void requireEnd(Key key, long at) throws IOException {
    long bytes = store.stat(key).map(ObjectStat::bytes).orElse(0L);
    if (at < bytes) {
      throw new IOException(key + ": reading it ended at byte " + at + " of " + bytes);
    }
  }

  @Override
  public Optional<ObjectStat> stat(Key key) throws IOException {
    return retry(() -> store.stat(key));
  }

  @Override
  public ObjectPage list(String prefix, Optional<Key> after, int limit) throws IOException {
    return retry(() -> store.list(prefix, after, limit));
  }

  /// @return whether it was there at the last try: `false` also when an earlier try removed it and
  ///   its answer was lost
  @Override
  public boolean delete(Key key) throws IOException {
    return retry(() -> store.delete(key));
  }
}
