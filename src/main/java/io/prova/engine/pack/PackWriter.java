package io.prova.engine.pack;

import io.prova.base.Digest;
import io.prova.engine.seal.Seal;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;

/// Writes one pack: frames in their order, the index behind them.
public final class PackWriter implements AutoCloseable {

  private final String name;
  private final StoredObject out;
  private final FrameList frames = new FrameList();
  private long clear;
  private long raw;

  public PackWriter(String name, ObjectWriter out, Optional<Seal> seal) {
    this.name = name;
    this.out = new StoredObject(out, seal);
  }

  /// Where the next frame's bytes are in the tar stream.
  public long raw() {
    return raw;
  }

  /// @param frame one zstd frame
  public void append(ByteBuffer frame, int rawBytes, Check check) throws IOException {
    frames.add(frame.remaining(), rawBytes, check);
    clear += frame.remaining();
    raw += rawBytes;
    out.write(frame);
  }

  /// Writes the index. [#commit] makes the pack exist.
  public StoredPack finish() throws IOException {
    ByteBuffer index = PackIndex.encode(frames);
    MessageDigest indexSha256 = Digest.newSha256();
    indexSha256.update(index.duplicate());
    Digest indexDigest = Digest.of(indexSha256);
    out.write(index);
    StoredObject.Written written = out.finish();
    return new StoredPack(
        name, written.bytes(), raw, frames.size(), clear, indexDigest, written.sha256());
  }

  public void commit() throws IOException {
    out.commit();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
