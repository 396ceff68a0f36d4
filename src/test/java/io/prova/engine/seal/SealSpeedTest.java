package io.prova.engine.seal;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.engine.Packer;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.BytesInMemory;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PageCheck;
import io.prova.storage.Key;
import io.prova.storage.ObjectPage;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import io.prova.storage.ObjectWriter;
import io.prova.storage.memory.MemoryObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How fast sealing and opening are, on one thread, and what sealing adds to packing:
/// `-Dtest.groups=slow`.
@Tag("slow")
class SealSpeedTest {

  private static final int PART = 1024 * 1024;
  private static final int PARTS = 512;

  @Test
  void oneThread() throws Exception {
    SecureRandom random = new SecureRandom();
    Identity identity = Identity.generate(random);
    Seal seal = new Seal(List.of(identity.recipient()), random);
    byte[] content = new byte[PART];
    new Random(1).nextBytes(content);
    ByteBuffer frame = ByteBuffer.allocateDirect(PART).put(content);
    for (int round = 0; round < 5; round++) {
      long begin = System.nanoTime();
      long[] out = {0};
      Sealer sealer = seal.over(part -> out[0] += part.remaining());
      for (int i = 0; i < PARTS; i++) {
        sealer.write(frame.rewind());
      }
      sealer.finish();
      tell("seal", begin);
      assertThat(out[0]).isGreaterThan((long) PARTS * PART);
    }
    MemoryObjectStore memory = new MemoryObjectStore();
    SealedObjectStore store = new SealedObjectStore(memory, seal, List.of(identity));
    Key key = new Key("x");
    try (ObjectWriter writer = store.create(key)) {
      for (int i = 0; i < PARTS / 2; i++) {
        writer.write(frame.rewind());
      }
      writer.commit();
    }
    ByteBuffer into = ByteBuffer.allocateDirect(4 * PART);
    for (int round = 0; round < 5; round++) {
      long begin = System.nanoTime();
      for (int twice = 0; twice < 2; twice++) {
        for (int i = 0; i < PARTS / 2; i += 4) {
          store.read(key, (long) i * PART + 100, into.clear());
        }
      }
      tell("open", begin);
    }
  }

  /// Half of it noise, half of it zeroes, so that zstd at level 1 makes half of it.
  @Test
  void packingWithAndWithout() throws Exception {
    SecureRandom random = new SecureRandom();
    Seal seal = new Seal(List.of(Identity.generate(random).recipient()), random);
    byte[] content = new byte[PARTS / 2 * PART];
    for (int at = 0; at < content.length; at += 8192) {
      byte[] noise = new byte[4096];
      new Random(at).nextBytes(noise);
      System.arraycopy(noise, 0, content, at, noise.length);
    }
    for (int round = 0; round < 4; round++) {
      for (Optional<Seal> by : List.of(Optional.<Seal>empty(), Optional.of(seal))) {
        Nowhere store = new Nowhere();
        long begin = System.nanoTime();
        try (ManifestWriter manifest = new ManifestWriter(store.create(new Key("m")), by);
            Packer packer =
                new Packer(store, "", PackPlan.of(1, 2), by, manifest, new Packer.Listener() {})) {
          manifest.write(new ManifestLine.Head(1, "repository", "session"));
          for (int i = 0; i < 2; i++) {
            packer.add(
                new Member.File(
                    "f" + i,
                    0600,
                    Instant.EPOCH,
                    content.length,
                    () -> new BytesInMemory(content),
                    PageCheck.NONE));
          }
          packer.finish();
          manifest.finish();
        }
        tell(by.isPresent() ? "pack and seal, 2 workers" : "pack, 2 workers", begin);
      }
    }
  }

  /// Takes everything and keeps nothing.
  private static final class Nowhere implements ObjectStore {

    private final MemoryObjectStore none = new MemoryObjectStore();

    @Override
    public ObjectWriter create(Key key) {
      return new ObjectWriter() {
        @Override
        public void write(ByteBuffer content) {
          content.position(content.limit());
        }

        @Override
        public void commit() {}

        @Override
        public void close() {}
      };
    }

    @Override
    public int read(Key key, long offset, ByteBuffer into) throws IOException {
      return none.read(key, offset, into);
    }

    @Override
    public Optional<ObjectStat> stat(Key key) {
      return none.stat(key);
    }

    @Override
    public ObjectPage list(String prefix, Optional<Key> after, int limit) {
      return none.list(prefix, after, limit);
    }

    @Override
    public boolean delete(Key key) {
      return none.delete(key);
    }
  }

  private static void tell(String what, long begin) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(Locale.ROOT, "%s: %.0f MB/s%n", what, PARTS * (double) PART / 1e6 / seconds);
  }
}
