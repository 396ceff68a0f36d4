package io.prova.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A store of which one call goes wrong, once, in a given way: the n-th of those that can go wrong
/// so. All others pass. It also counts the writers that were not closed.
public final class FaultyObjectStore implements ObjectStore {

  /// The calls that are counted.
  public enum Call {
    CREATE,
    WRITE,
    COMMIT,
    READ,
    STAT,
    LIST,
    DELETE
  }

  /// A way to go wrong.
  public enum Fault {
    /// An error before anything happened.
    REFUSED,
    /// The call took effect; its answer was lost.
    LOST_REPLY,
    /// Some of the bytes were written, then an error.
    PARTIAL_WRITE,
    /// Fewer bytes than there are, and no error.
    SHORT_READ,
    /// As many bytes as there are, of which one is another.
    WRONG_BYTES;

    private boolean concerns(Call call) {
      return switch (this) {
        case REFUSED, LOST_REPLY -> true;
        case PARTIAL_WRITE -> call == Call.WRITE;
        case SHORT_READ, WRONG_BYTES -> call == Call.READ;
      };
    }

    public boolean isError() {
      return this != SHORT_READ && this != WRONG_BYTES;
    }
  }

  private final ObjectStore store;
  private final Fault fault;
  private final int nth;
  private final AtomicInteger counted = new AtomicInteger();
  private final AtomicInteger openWriters = new AtomicInteger();

  /// @param nth the call that goes wrong, from 1 on; 0 for none
  public FaultyObjectStore(ObjectStore store, Fault fault, int nth) {
    this.store = store;
    this.fault = fault;
    this.nth = nth;
  }

  public static FaultyObjectStore faultless(ObjectStore store) {
    return new FaultyObjectStore(store, Fault.REFUSED, 0);
  }

  /// How many calls were made that can go wrong in this way.
  public int calls() {
    return counted.get();
  }

  /// Whether the fault has been.
  public boolean happened() {
    return nth > 0 && counted.get() >= nth;
  }

  public int openWriters() {
    return openWriters.get();
  }

  private boolean goesWrong(Call call) {
    return fault.concerns(call) && counted.incrementAndGet() == nth;
  }

  @FunctionalInterface
  private interface Body<T> {
    T run() throws IOException;
  }

  private <T> T call(Call call, String object, Body<T> body) throws IOException {
    if (!goesWrong(call)) {
      return body.run();
    }
    if (fault == Fault.LOST_REPLY) {
      body.run();
    }
    throw injected(call, object);
  }

  private IOException injected(Call call, String object) {
    return new IOException(object + ": injected fault, " + fault + " at " + call);
  }

  @Override
  public ObjectWriter create(Key key) throws IOException {
    if (goesWrong(Call.CREATE)) {
      if (fault == Fault.LOST_REPLY) {
        store.create(key).close(); // nobody got it, so nobody writes to it
      }
      throw injected(Call.CREATE, key.path());
    }
    ObjectWriter writer = store.create(key);
    openWriters.incrementAndGet();
    return new Writer(key, writer);
  }

  private final class Writer implements ObjectWriter {

    private final Key key;
    private final ObjectWriter writer;
    private boolean closed;

    Writer(Key key, ObjectWriter writer) {
      this.key = key;
      this.writer = writer;
    }

    @Override
    public void write(ByteBuffer content) throws IOException {
      if (!goesWrong(Call.WRITE)) {
        writer.write(content);
        return;
      }
      switch (fault) {
        case LOST_REPLY -> writer.write(content);
        case PARTIAL_WRITE -> {
          int end = content.limit();
          content.limit(content.position() + content.remaining() / 2);
          writer.write(content);
          content.limit(end);
        }
        case REFUSED, SHORT_READ, WRONG_BYTES -> {}
      }
      throw injected(Call.WRITE, key.path());
    }

    @Override
    public void commit() throws IOException {
      call(
          Call.COMMIT,
          key.path(),
          () -> {
            writer.commit();
            return true;
          });
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        openWriters.decrementAndGet();
      }
      writer.close();
    }
  }

  @Override
  public int read(Key key, long offset, ByteBuffer into) throws IOException {
    if (!goesWrong(Call.READ)) {
      return store.read(key, offset, into);
    }
    int begin = into.position();
    int end = into.limit();
    return switch (fault) {
      case REFUSED, PARTIAL_WRITE -> throw injected(Call.READ, key.path());
      case LOST_REPLY -> {
        store.read(key, offset, into);
        throw injected(Call.READ, key.path());
      }
      case SHORT_READ -> {
        into.limit(begin + into.remaining() / 2);
        int read = store.read(key, offset, into);
        into.limit(end);
        yield read;
      }
      case WRONG_BYTES -> {
        int read = store.read(key, offset, into);
        if (read > 0) {
          int at = begin + read / 2;
          into.put(at, (byte) (into.get(at) ^ 0x10));
        }
        yield read;
      }
    };
  }

  @Override
  public Optional<ObjectStat> stat(Key key) throws IOException {
    return call(Call.STAT, key.path(), () -> store.stat(key));
  }

  @Override
  public ObjectPage list(String prefix, Optional<Key> after, int limit) throws IOException {
    return call(Call.LIST, prefix, () -> store.list(prefix, after, limit));
  }

  @Override
  public boolean delete(Key key) throws IOException {
    return call(Call.DELETE, key.path(), () -> store.delete(key));
  }
}
