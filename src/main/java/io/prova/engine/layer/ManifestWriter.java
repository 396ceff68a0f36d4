package io.prova.engine.layer;

import com.github.luben.zstd.ZstdOutputStream;
import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.engine.pack.StoredObject;
import io.prova.engine.seal.Seal;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/// Writes a manifest, line by line: its memory does not grow with what is in it. Used by one thread
/// at a time.
public final class ManifestWriter implements AutoCloseable {

  /// The manifest's name beside its packs.
  public static final String OBJECT = "manifest.jsonl.zst";

  private static final int LEVEL = 3;

  private final StoredObject object;
  private final MessageDigest linesDigest = Digest.newSha256();
  private final ZstdOutputStream out;
  private long lines;
  private long files;
  private long bytes;

  /// @param object given up unless [#finish] returns
  public ManifestWriter(ObjectWriter object) throws IOException {
    this(object, Optional.empty());
  }

  /// @param object given up unless [#finish] returns
  public ManifestWriter(ObjectWriter object, Optional<Seal> seal) throws IOException {
    this.object = new StoredObject(object, seal);
    this.out = new ZstdOutputStream(new Stored(), LEVEL);
    this.out.setChecksum(true);
  }

  /// The compressed bytes on their way into the object.
  private final class Stored extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int from, int length) throws IOException {
      object.write(ByteBuffer.wrap(b, from, length));
    }
  }

  public void write(ManifestLine line) throws IOException {
    if (line instanceof ManifestLine.File file) {
      files++;
      bytes += file.size();
    }
    put(line);
    lines++;
  }

  private void put(ManifestLine line) throws IOException {
    byte[] text =
        (Json.LINE.writerFor(ManifestLine.class).writeValueAsString(line) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    linesDigest.update(text);
    out.write(text);
  }

  /// What was written.
  ///
  /// @param sha256 of the stored object
  public record Written(ByteCount stored, Digest sha256, long files, ByteCount bytes) {}

  /// Writes the last line and makes the manifest exist, durably.
  public Written finish() throws IOException {
    put(new ManifestLine.End(lines, files, bytes, Digest.of(linesDigest)));
    out.close();
    StoredObject.Written written = object.finish();
    object.commit();
    return new Written(
        new ByteCount(written.bytes()), written.sha256(), files, new ByteCount(bytes));
  }

  @Override
  public void close() throws IOException {
    object.close();
  }
}
