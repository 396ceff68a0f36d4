package io.prova.backup.logical;

import com.github.luben.zstd.ZstdOutputStream;
import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.catalog.Compression;
import io.prova.storage.DurableFiles;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Writes a dump that comes as a stream: compressed, hashed as it is stored, each byte once. What
/// was written is valid only after [#finish].
final class DumpFile implements AutoCloseable {

  private static final int TAIL_BYTES = 1024;
  private static final int COMPRESSED_BUFFER = 128 * 1024;

  private final FileChannel channel;
  private final Hashing stored;
  private final OutputStream out;
  private final byte[] tail = new byte[TAIL_BYTES];
  private long bytes;
  private boolean finished;

  DumpFile(Path file, Compression compression) throws IOException {
    channel = DurableFiles.openNew(file);
    stored = new Hashing(Channels.newOutputStream(channel));
    out = compress(stored, compression);
  }

  private static OutputStream compress(OutputStream to, Compression compression)
      throws IOException {
    return switch (compression.method()) {
      case NONE -> to;
      case GZIP ->
          new GZIPOutputStream(to, COMPRESSED_BUFFER) {
            {
              def.setLevel(
                  compression.level() == 0 ? Deflater.DEFAULT_COMPRESSION : compression.level());
            }
          };
      case ZSTD -> {
        ZstdOutputStream zstd =
            compression.level() == 0
                ? new ZstdOutputStream(to)
                : new ZstdOutputStream(to, compression.level());
        zstd.setChecksum(true);
        zstd.setWorkers(1); // compresses beside the thread that reads from pg_dump
        yield zstd;
      }
    };
  }

  void write(byte[] buffer, int length) throws IOException {
    out.write(buffer, 0, length);
    keepTail(buffer, length);
    bytes += length;
  }

  private void keepTail(byte[] buffer, int length) {
    int fromBuffer = Math.min(length, TAIL_BYTES);
    System.arraycopy(tail, fromBuffer, tail, 0, TAIL_BYTES - fromBuffer);
    System.arraycopy(buffer, length - fromBuffer, tail, TAIL_BYTES - fromBuffer, fromBuffer);
  }

  long bytes() {
    return bytes;
  }

  /// Whether the last bytes hold `marker`, pg_dump's word that it came to the end.
  boolean endsWithMarker(String marker) {
    return new String(tail, StandardCharsets.UTF_8).contains(marker);
  }

  /// What was stored.
  record Result(ByteCount bytes, ByteCount stored, Digest digest) {}

  /// Ends the compression and makes the file durable.
  Result finish() throws IOException {
    if (out != stored) {
      out.close();
    }
    channel.force(true);
    finished = true;
    return new Result(new ByteCount(bytes), new ByteCount(stored.count), Digest.of(stored.sha256));
  }

  @Override
  public void close() throws IOException {
    if (!finished && out instanceof ZstdOutputStream) {
      out.close(); // frees its native memory
    }
    channel.close();
  }

  /// Counts and hashes what goes to the disk.
  private static final class Hashing extends FilterOutputStream {

    final MessageDigest sha256 = Digest.newSha256();
    long count;

    Hashing(OutputStream to) {
      super(to);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      out.write(buffer, offset, length);
      sha256.update(buffer, offset, length);
      count += length;
    }

    @Override
    public void close() {
      // the channel is closed by its owner, after it was synced
    }
  }
}
