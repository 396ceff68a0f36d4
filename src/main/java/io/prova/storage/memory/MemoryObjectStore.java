package io.prova.storage.memory;

import io.prova.storage.Key;
import io.prova.storage.ObjectPage;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import io.prova.storage.ObjectWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/// Objects in memory. Each is as large as an array at most; all are gone with the process.
public final class MemoryObjectStore implements ObjectStore {

  private final ConcurrentSkipListMap<Key, byte[]> objects = new ConcurrentSkipListMap<>();

  @Override
  public ObjectWriter create(Key key) {
    return new Writer(key);
  }

  private final class Writer implements ObjectWriter {

    private final Key key;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    Writer(Key key) {
      this.key = key;
    }

    @Override
    public void write(ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      content.writeBytes(bytes);
    }

    @Override
    public void commit() throws IOException {
      if (objects.putIfAbsent(key, content.toByteArray()) != null) {
        throw new FileAlreadyExistsException(key.path());
      }
    }

    @Override
    public void close() {
      content.reset();
    }
  }

  @Override
  public int read(Key key, long offset, ByteBuffer into) throws IOException {
    byte[] content = objects.get(key);
    if (content == null) {
      throw new NoSuchFileException(key.path());
    }
    int count = Math.clamp(content.length - offset, 0, into.remaining());
    if (count > 0) {
      into.put(content, (int) offset, count);
    }
    return count;
  }

  @Override
  public Optional<ObjectStat> stat(Key key) {
    return Optional.ofNullable(objects.get(key))
        .map(content -> new ObjectStat(key, content.length));
  }

  @Override
  public ObjectPage list(String prefix, Optional<Key> after, int limit) {
    List<ObjectStat> found = new ArrayList<>();
    Map<Key, byte[]> from = after.isEmpty() ? objects : objects.tailMap(after.get(), false);
    for (Map.Entry<Key, byte[]> entry : from.entrySet()) {
      if (!entry.getKey().path().startsWith(prefix)) {
        continue;
      }
      if (found.size() == limit) {
        return new ObjectPage(found, false);
      }
      found.add(new ObjectStat(entry.getKey(), entry.getValue().length));
    }
    return new ObjectPage(found, true);
  }

  @Override
  public boolean delete(Key key) {
    return objects.remove(key) != null;
  }
}
