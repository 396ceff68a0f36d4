package io.prova.engine.pack;

import io.prova.base.Digest;
import io.prova.engine.seal.Seal;
import io.prova.engine.seal.Sealer;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;

/// An object on its way into a store: sealed where that is asked for, counted and hashed as it is
/// stored. Each byte is looked at once. Used by one thread at a time.
public final class StoredObject implements AutoCloseable {

  private final ObjectWriter out;
  private final Optional<Sealer> sealer;
  private final MessageDigest sha256 = Digest.newSha256();
  private long stored;

  /// @param out given up unless [#commit] returns
  public StoredObject(ObjectWriter out, Optional<Seal> seal) {
    this.out = out;
    this.sealer = seal.map(each -> each.over(this::store));
  }

  /// Adds all that remains in `content`.
  public void write(ByteBuffer content) throws IOException {
    if (sealer.isPresent()) {
      sealer.get().write(content);
    } else {
      store(content);
    }
  }

  private void store(ByteBuffer content) throws IOException {
    stored += content.remaining();
    sha256.update(content.duplicate());
    out.write(content);
  }

  /// What was stored.
  public record Written(long bytes, Digest sha256) {}

  /// Ends the content; the object exists after [#commit].
  public Written finish() throws IOException {
    if (sealer.isPresent()) {
      sealer.get().finish();
    }
    return new Written(stored, Digest.of(sha256));
  }

  public void commit() throws IOException {
    out.commit();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
