package io.prova.engine.seal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;

/// For whom things are sealed. Every object has a key of its own, wrapped for each recipient.
public final class Seal {

  /// The end of the name of what is sealed.
  public static final String SUFFIX = ".age";

  private final List<Recipient> recipients;
  private final SecureRandom random;

  /// @param recipients at least one
  public Seal(List<Recipient> recipients, SecureRandom random) {
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("sealed for nobody");
    }
    this.recipients = List.copyOf(recipients);
    this.random = random;
  }

  public List<Recipient> recipients() {
    return recipients;
  }

  /// Begins a sealed stream.
  public Sealer over(Sealer.Sink sink) {
    return new Sealer(recipients, random, Chunks.BATCH, sink);
  }

  /// Seals what fits in memory.
  public byte[] seal(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 1024);
    Sealer sealer =
        new Sealer(
            recipients,
            random,
            1,
            part ->
                out.write(part.array(), part.arrayOffset() + part.position(), part.remaining()));
    try {
      sealer.write(ByteBuffer.wrap(content));
      sealer.finish();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return out.toByteArray();
  }

  /// Opens what fits in memory.
  ///
  /// @param object its name, for errors
  /// @throws BadSealException if any byte is not as it was sealed, or it is for none of
  ///   `identities`
  public static byte[] open(String object, byte[] sealed, List<Identity> identities)
      throws IOException {
    Sealed.Source source =
        (offset, into) -> {
          int count = (int) Math.clamp(sealed.length - offset, 0L, (long) into.remaining());
          into.put(sealed, count == 0 ? 0 : (int) offset, count);
          return count;
        };
    Sealed opened = Sealed.open(object, sealed.length, source, identities);
    ByteBuffer clear = ByteBuffer.allocate(Math.toIntExact(opened.clearBytes()));
    Sealed.Bench bench = new Sealed.Bench(1);
    if (clear.hasRemaining()) {
      opened.read(0, clear, source, bench);
    } else {
      opened.requireEnd(source, bench);
    }
    return clear.array();
  }
}
