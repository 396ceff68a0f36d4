package io.prova.engine.pack;

import io.prova.base.Digest;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// Writes one pack: frames in their order, the index behind them. Each stored byte is hashed once,
/// on its way.
public final class PackWriter implements AutoCloseable {

  private final String name;
  private final ObjectWriter out;
  private final MessageDigest sha256 = Digest.newSha256();
  private final FrameList frames = new FrameList();
  private long stored;
  private long raw;

  public PackWriter(String name, ObjectWriter out) {
    this.name = name;
    this.out = out;
  }

  /// Where the next frame's bytes are in the tar stream.
  public long raw() {
    return raw;
  }

  /// @param frame one zstd frame
  public void append(ByteBuffer frame, int rawBytes, Check check) throws IOException {
    frames.add(frame.remaining(), rawBytes, check);
    stored += frame.remaining();
    raw += rawBytes;
    sha256.update(frame.duplicate());
    out.write(frame);
  }

  /// Writes the index. [#commit] makes the pack exist.
  public StoredPack finish() throws IOException {
    ByteBuffer index = PackIndex.encode(frames);
    MessageDigest indexSha256 = Digest.newSha256();
    indexSha256.update(index.duplicate());
    Digest indexDigest = Digest.of(indexSha256);
    long indexAt = stored;
    stored += index.remaining();
    sha256.update(index.duplicate());
    out.write(index);
    return new StoredPack(
        name, stored, raw, frames.size(), indexAt, indexDigest, Digest.of(sha256));
  }

  public void commit() throws IOException {
    out.commit();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
