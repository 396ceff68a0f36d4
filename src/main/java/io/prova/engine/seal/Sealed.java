package io.prova.engine.seal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;

/// A sealed object whose header was opened: any part of it can be read. Every chunk proves itself
/// before a byte of it is handed out: that it is as written, of this object, at this place, and
/// whether it is the last.
final class Sealed {

  private static final int NONCE = 16;
  private static final int FIRST_READ = 1024;

  /// Reads the stored bytes from `offset` on until `into` is full or they end.
  @FunctionalInterface
  interface Source {
    int read(long offset, ByteBuffer into) throws IOException;
  }

  /// What a reader works on; one for each thread that reads at a time.
  static final class Bench {
    private final Cipher cipher = Derived.newCipher();
    private final byte[] sealed;
    private final byte[] clear = new byte[Chunks.CLEAR];

    /// @param batch chunks that are read at once
    Bench(int batch) {
      sealed = new byte[batch * Chunks.SEALED];
    }
  }

  private final String object;
  private final SecretKey key;
  private final long payloadAt;
  private final long sealedBytes;
  private final long clearBytes;

  private Sealed(String object, SecretKey key, long payloadAt, long sealedBytes)
      throws BadSealException {
    this.object = object;
    this.key = key;
    this.payloadAt = payloadAt;
    this.sealedBytes = sealedBytes;
    this.clearBytes = Chunks.clearBytes(object, sealedBytes);
  }

  /// @param object its name, for errors
  /// @param stored how long it is
  static Sealed open(String object, long stored, Source source, List<Identity> identities)
      throws IOException {
    Header header = header(object, source);
    byte[] fileKey = header.open(object, identities);
    byte[] nonce = new byte[NONCE];
    if (source.read(header.bytes(), ByteBuffer.wrap(nonce)) != NONCE) {
      throw new BadSealException(object, "ends behind its header");
    }
    long payloadAt = (long) header.bytes() + NONCE;
    return new Sealed(object, Derived.payloadKey(fileKey, nonce), payloadAt, stored - payloadAt);
  }

  /// How many clear bytes a sealed object of that length holds, which can be told without a key.
  static long clearBytes(String object, long stored, Source source) throws IOException {
    return Chunks.clearBytes(object, stored - header(object, source).bytes() - NONCE);
  }

  private static Header header(String object, Source source) throws IOException {
    for (int bytes = FIRST_READ; ; bytes *= 8) {
      ByteBuffer begin = ByteBuffer.allocate(Math.min(bytes, Header.MOST_BYTES));
      int count = source.read(0, begin);
      Optional<Header> header = Header.read(object, Arrays.copyOf(begin.array(), count));
      if (header.isPresent()) {
        return header.get();
      }
      if (count < begin.capacity()) {
        throw new BadSealException(object, "ends within its age header");
      }
    }
  }

  long clearBytes() {
    return clearBytes;
  }

  /// Reads clear bytes from `offset` on until `into` is full or they end.
  ///
  /// @return how many
  int read(long offset, ByteBuffer into, Source source, Bench bench) throws IOException {
    int before = into.position();
    long at = offset;
    while (into.hasRemaining() && at < clearBytes) {
      long first = at / Chunks.CLEAR;
      long wantedTo = Math.min(clearBytes, at + into.remaining());
      long end = (wantedTo + Chunks.CLEAR - 1) / Chunks.CLEAR;
      int chunks = (int) Math.min(end - first, bench.sealed.length / Chunks.SEALED);
      int length = fetch(first, chunks, source, bench);
      for (int i = 0; i < chunks; i++) {
        int from = i * Chunks.SEALED;
        int clear = decrypt(first + i, from, Math.min(Chunks.SEALED, length - from), bench);
        int skip = (int) (at - (first + i) * Chunks.CLEAR);
        int count = Math.min(clear - skip, into.remaining());
        into.put(bench.clear, skip, count);
        at += count;
      }
    }
    return into.position() - before;
  }

  /// The last chunk is there, and says that it is the last: nothing was cut off.
  void requireEnd(Source source, Bench bench) throws IOException {
    long last = Chunks.count(sealedBytes) - 1;
    int length = fetch(last, 1, source, bench);
    decrypt(last, 0, length, bench);
  }

  private int fetch(long first, int chunks, Source source, Bench bench) throws IOException {
    long from = first * Chunks.SEALED;
    int length = (int) Math.min((long) chunks * Chunks.SEALED, sealedBytes - from);
    if (source.read(payloadAt + from, ByteBuffer.wrap(bench.sealed, 0, length)) != length) {
      throw new BadSealException(object, "is shorter than it was");
    }
    return length;
  }

  private int decrypt(long number, int from, int length, Bench bench) throws BadSealException {
    boolean last = number == Chunks.count(sealedBytes) - 1;
    try {
      bench.cipher.init(Cipher.DECRYPT_MODE, key, Derived.chunkNonce(number, last));
      return bench.cipher.doFinal(bench.sealed, from, length, bench.clear, 0);
    } catch (AEADBadTagException e) {
      throw new BadSealException(
          object,
          "its chunk "
              + number
              + " is not the one that was sealed there"
              + (last ? ", or is not the last" : ""));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
