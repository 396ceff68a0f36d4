package io.prova.catalog;

import static io.prova.base.Message.message;

import io.prova.engine.seal.BadSealException;
import io.prova.engine.seal.Identity;
import io.prova.engine.seal.Seal;
import io.prova.engine.seal.SealedObjectStore;
import io.prova.storage.DurableFiles;
import io.prova.storage.Key;
import io.prova.storage.ObjectStore;
import io.prova.storage.fs.LocalObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What is in a backup's files: as they are stored, or opened where the backup is encrypted. What
/// does not prove itself is not given out.
public final class BackupContent {

  private static final int STREAM_BYTES = 1024 * 1024;

  private final Path directory;
  private final List<Identity> identities;
  private final ObjectStore store;

  private BackupContent(Path directory, boolean sealed, List<Identity> identities) {
    this.directory = directory;
    this.identities = identities;
    LocalObjectStore files = new LocalObjectStore(directory);
    this.store = sealed ? SealedObjectStore.reading(files, identities) : files;
  }

  /// @throws io.prova.base.OperationFailed (KEY) if it is encrypted and its key is not here
  public static BackupContent open(Path directory, Backup backup, BackupKeys keys)
      throws IOException {
    return new BackupContent(directory, backup.encryption().isPresent(), keys.require(backup));
  }

  /// The packs, in clear.
  public ObjectStore packs() {
    return store;
  }

  /// @param path of a file of the backup
  public byte[] read(String path) throws IOException {
    Path file = directory.resolve(path);
    if (!isSealed(path)) {
      return Files.readAllBytes(file);
    }
    byte[] sealed = CheckedJson.readBounded(file);
    try {
      return Seal.open(path, sealed, identities);
    } catch (BadSealException e) {
      throw new DamagedException(message("{0} is damaged: {1}", file, e.finding()), e);
    }
  }

  /// @throws DamagedException if any byte is not as written
  public <T> T readJson(String path, Class<T> type) throws IOException {
    Path file = directory.resolve(path);
    return isSealed(path)
        ? CheckedJson.parse(file, read(path), type)
        : CheckedJson.read(file, type);
  }

  private boolean isSealed(String path) {
    return store instanceof SealedObjectStore && path.endsWith(Seal.SUFFIX);
  }

  /// Copies a file to a place where there is none, for its owner alone.
  public void copy(String path, Path place) throws IOException {
    byte[] content = read(path);
    try (FileChannel out = DurableFiles.openNew(place)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  /// A large file, from its beginning on. What it gives out has proven itself.
  public InputStream stream(String path) throws IOException {
    return isSealed(path)
        ? new ObjectStream(store, new Key(path))
        : Files.newInputStream(directory.resolve(path));
  }

  /// Reads an object from its beginning to its end.
  private static final class ObjectStream extends InputStream {

    private final ObjectStore store;
    private final Key key;
    private final ByteBuffer buffer = ByteBuffer.allocate(STREAM_BYTES).limit(0);
    private long at;

    ObjectStream(ObjectStore store, Key key) {
      this.store = store;
      this.key = key;
    }

    private boolean fill() throws IOException {
      if (!buffer.hasRemaining()) {
        buffer.clear();
        at += store.read(key, at, buffer);
        buffer.flip();
      }
      return buffer.hasRemaining();
    }

    @Override
    public int read() throws IOException {
      return fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int count = Math.min(length, buffer.remaining());
      buffer.get(into, from, count);
      return count;
    }
  }
}
