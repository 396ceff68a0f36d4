package io.prova.engine.seal;

import io.prova.storage.Key;
import io.prova.storage.ObjectPage;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Seals what is written and opens what is read: lengths and offsets are those of the clear bytes.
/// Every object of the store below is a sealed one; names stay as they are.
///
/// A length is told by the object's own length and proven only by reading up to the end.
public final class SealedObjectStore implements ObjectStore {

  /// Opened headers that are remembered: a key agreement costs as much as decrypting a megabyte.
  private static final int MOST_OPENED = 64;

  /// Benches of a megabyte that are kept for the next reader.
  private static final int MOST_BENCHES = 32;

  private final ObjectStore store;
  private final Optional<Seal> seal;
  private final List<Identity> identities;
  private final BlockingQueue<Sealed.Bench> benches = new ArrayBlockingQueue<>(MOST_BENCHES);
  private final Map<Key, Sealed> opened =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Sealed> eldest) {
          return size() > MOST_OPENED;
        }
      };

  private SealedObjectStore(ObjectStore store, Optional<Seal> seal, List<Identity> identities) {
    this.store = store;
    this.seal = seal;
    this.identities = List.copyOf(identities);
  }

  /// @param identities that open; without them nothing can be read
  public SealedObjectStore(ObjectStore store, Seal seal, List<Identity> identities) {
    this(store, Optional.of(seal), identities);
  }

  /// A store that is only read.
  public static SealedObjectStore reading(ObjectStore store, List<Identity> identities) {
    return new SealedObjectStore(store, Optional.empty(), identities);
  }

  @Override
  public ObjectWriter create(Key key) throws IOException {
    Seal by =
        seal.orElseThrow(() -> new UnsupportedOperationException("nothing says for whom to seal"));
    ObjectWriter writer = store.create(key);
    Sealer sealer = by.over(writer::write);
    return new ObjectWriter() {
      private boolean finished;

      @Override
      public void write(ByteBuffer content) throws IOException {
        sealer.write(content);
      }

      @Override
      public void commit() throws IOException {
        if (!finished) {
          sealer.finish();
          finished = true;
        }
        writer.commit();
      }

      @Override
      public void close() throws IOException {
        writer.close();
      }
    };
  }

  private Sealed.Source source(Key key) {
    return (offset, into) -> store.read(key, offset, into);
  }

  /// @throws BadSealException if what was asked for is not as it was sealed, or for none of the
  ///   identities
  @Override
  public int read(Key key, long offset, ByteBuffer into) throws IOException {
    Sealed known = remembered(key);
    if (known != null) {
      int before = into.position();
      try {
        return read(known, key, offset, into);
      } catch (BadSealException e) {
        // Perhaps another object has the name by now.
        forget(key);
        into.position(before);
      }
    }
    long stored =
        store
            .stat(key)
            .map(ObjectStat::bytes)
            .orElseThrow(() -> new NoSuchFileException(key.path()));
    Sealed sealed = Sealed.open(key.path(), stored, source(key), identities);
    remember(key, sealed);
    return read(sealed, key, offset, into);
  }

  private int read(Sealed sealed, Key key, long offset, ByteBuffer into) throws IOException {
    Sealed.Bench free = benches.poll();
    Sealed.Bench bench = free == null ? new Sealed.Bench(Chunks.BATCH) : free;
    try {
      if (offset >= sealed.clearBytes()) {
        // That there is nothing is an answer too, and has to be true.
        sealed.requireEnd(source(key), bench);
      }
      return sealed.read(offset, into, source(key), bench);
    } finally {
      benches.offer(bench);
    }
  }

  private @Nullable Sealed remembered(Key key) {
    synchronized (opened) {
      return opened.get(key);
    }
  }

  private void remember(Key key, Sealed sealed) {
    synchronized (opened) {
      opened.put(key, sealed);
    }
  }

  private void forget(Key key) {
    synchronized (opened) {
      opened.remove(key);
    }
  }

  @Override
  public Optional<ObjectStat> stat(Key key) throws IOException {
    Optional<ObjectStat> stored = store.stat(key);
    return stored.isEmpty() ? stored : Optional.of(clear(stored.get()));
  }

  private ObjectStat clear(ObjectStat stored) throws IOException {
    Key key = stored.key();
    return new ObjectStat(key, Sealed.clearBytes(key.path(), stored.bytes(), source(key)));
  }

  /// Reads the header of each object, since its length depends on that.
  @Override
  public ObjectPage list(String prefix, Optional<Key> after, int limit) throws IOException {
    ObjectPage page = store.list(prefix, after, limit);
    List<ObjectStat> clear = new ArrayList<>();
    for (ObjectStat each : page.objects()) {
      clear.add(clear(each));
    }
    return new ObjectPage(clear, page.complete());
  }

  @Override
  public boolean delete(Key key) throws IOException {
    forget(key);
    return store.delete(key);
  }
}
