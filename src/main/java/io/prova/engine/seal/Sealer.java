package io.prova.engine.seal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;

/// Seals a stream in one pass. What has come out is an age file only after [#finish]. Used by one
/// thread at a time; its memory is two buffers of a megabyte.
public final class Sealer {

  private static final int NONCE = 16;

  /// Where sealed bytes go.
  @FunctionalInterface
  public interface Sink {
    /// Takes all that remains in `content`; the buffer is used again afterwards.
    void write(ByteBuffer content) throws IOException;
  }

  private final Sink sink;
  private final SecretKey key;
  private final Cipher cipher = Derived.newCipher();
  private final byte[] clear;
  private final byte[] sealed;
  private byte[] begin;
  private int held;
  private long chunk;
  private boolean broken;

  /// @param batch chunks that are held at most
  Sealer(List<Recipient> recipients, SecureRandom random, int batch, Sink sink) {
    this.sink = sink;
    byte[] fileKey = new byte[Header.FILE_KEY];
    random.nextBytes(fileKey);
    byte[] nonce = new byte[NONCE];
    random.nextBytes(nonce);
    byte[] header = Header.write(fileKey, recipients, random);
    begin = Arrays.copyOf(header, header.length + NONCE);
    System.arraycopy(nonce, 0, begin, header.length, NONCE);
    key = Derived.payloadKey(fileKey, nonce);
    clear = new byte[batch * Chunks.CLEAR];
    sealed = new byte[batch * Chunks.SEALED];
  }

  /// Adds all that remains in `content`.
  public void write(ByteBuffer content) throws IOException {
    while (content.hasRemaining()) {
      if (held == clear.length) {
        flush(false); // more comes, so none of these is the last chunk
      }
      int count = Math.min(content.remaining(), clear.length - held);
      content.get(clear, held, count);
      held += count;
    }
  }

  /// Writes the rest, whose last chunk says that it is the last. Called once.
  public void finish() throws IOException {
    flush(true);
  }

  /// Part of what the sink did not take is gone: nothing may follow it.
  private void flush(boolean end) throws IOException {
    if (broken) {
      throw new IOException("it was not sealed to its end, since a write of it failed");
    }
    broken = true;
    if (begin.length > 0) {
      sink.write(ByteBuffer.wrap(begin));
      begin = new byte[0];
    }
    int at = 0;
    int out = 0;
    do {
      int length = Math.min(Chunks.CLEAR, held - at);
      out += encrypt(at, length, end && at + length == held, out);
      at += length;
    } while (at < held);
    held = 0;
    sink.write(ByteBuffer.wrap(sealed, 0, out));
    broken = false;
  }

  private int encrypt(int from, int length, boolean last, int to) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, Derived.chunkNonce(chunk++, last));
      return cipher.doFinal(clear, from, length, sealed, to);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a nonce of its own for every chunk", e);
    }
  }
}
