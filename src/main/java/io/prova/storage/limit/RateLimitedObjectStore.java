package io.prova.storage.limit;

import io.prova.storage.Key;
import io.prova.storage.ObjectPage;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Writes and reads no faster than its limits.
public final class RateLimitedObjectStore implements ObjectStore {

  private final ObjectStore store;
  private final RateLimit writing;
  private final RateLimit reading;

  public RateLimitedObjectStore(ObjectStore store, RateLimit writing, RateLimit reading) {
    this.store = store;
    this.writing = writing;
    this.reading = reading;
  }

  @Override
  public ObjectWriter create(Key key) throws IOException {
    ObjectWriter writer = store.create(key);
    return new ObjectWriter() {
      @Override
      public void write(ByteBuffer content) throws IOException {
        writing.take(content.remaining());
        writer.write(content);
      }

      @Override
      public void commit() throws IOException {
        writer.commit();
      }

      @Override
      public void close() throws IOException {
        writer.close();
      }
    };
  }

  @Override
  public int read(Key key, long offset, ByteBuffer into) throws IOException {
    reading.take(into.remaining());
    return store.read(key, offset, into);
  }

  @Override
  public Optional<ObjectStat> stat(Key key) throws IOException {
    return store.stat(key);
  }

  @Override
  public ObjectPage list(String prefix, Optional<Key> after, int limit) throws IOException {
    return store.list(prefix, after, limit);
  }

  @Override
  public boolean delete(Key key) throws IOException {
    return store.delete(key);
  }
}
