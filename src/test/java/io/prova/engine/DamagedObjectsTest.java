package io.prova.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Digest;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.BytesInMemory;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.PageCheck;
import io.prova.engine.pack.StoredPack;
import io.prova.storage.Key;
import io.prova.storage.memory.MemoryObjectStore;
import io.prova.testing.Seeded;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// One flipped bit, a missing end, an object in another's place: either the files come out as they
/// were, or the object is named that is not as it was written. Never something else. `-Dflips=`
/// says how many bits of packs are tried.
class DamagedObjectsTest {

  private static final Key MANIFEST = new Key("manifest.jsonl.zst");
  private static final Instant MTIME = Instant.parse("2026-11-22T03:00:00Z");
  private static final PackPlan PLAN = new PackPlan(1, 8192, 40_000, 30_000, 1);
  private static final int FLIPS = Integer.getInteger("flips", 500);

  private final Map<String, byte[]> objects = new TreeMap<>();
  private List<StoredPack> packs = List.of();
  private Map<String, Digest> whole = Map.of();
  private Random random = new Random();

  @BeforeEach
  void pack() throws Exception {
    random = Seeded.random(DamagedObjectsTest.class);
    MemoryObjectStore store = new MemoryObjectStore();
    try (ManifestWriter manifest = new ManifestWriter(store.create(MANIFEST));
        Packer packer = new Packer(store, "", PLAN, manifest, new Packer.Listener() {})) {
      manifest.write(new ManifestLine.Head(ManifestReader.FORMAT, "repository", "session"));
      packer.add(new Member.Directory("base", 0700, MTIME));
      int[] sizes = {0, 1, 513, 5000, 8192, 20_000, 35_000, 50_000};
      for (int size : sizes) {
        byte[] content = new byte[size];
        random.nextBytes(content);
        Arrays.fill(content, 0, size / 3, (byte) 7);
        packer.add(
            new Member.File(
                "base/" + size,
                0600,
                MTIME,
                size,
                () -> new BytesInMemory(content),
                PageCheck.NONE));
      }
      packs = packer.finish();
      manifest.finish();
    }
    assertThat(packs).hasSizeGreaterThan(2);
    for (String name :
        store.list("", Optional.empty(), 100).objects().stream()
            .map(each -> each.key().path())
            .toList()) {
      ByteBuffer content =
          ByteBuffer.allocate((int) store.stat(new Key(name)).orElseThrow().bytes());
      store.read(new Key(name), 0, content);
      objects.put(name, content.array());
    }
    whole = unpack(objects);
    assertThat(whole).hasSize(8);
  }

  /// The digests of what comes out.
  private static Map<String, Digest> unpack(Map<String, byte[]> objects)
      throws IOException, InterruptedException {
    MemoryObjectStore store = new MemoryObjectStore();
    for (Map.Entry<String, byte[]> each : objects.entrySet()) {
      store.putIfAbsent(new Key(each.getKey()), ByteBuffer.wrap(each.getValue()));
    }
    Map<String, Digest> out = new ConcurrentHashMap<>();
    Unpacker.Destination destination =
        new Unpacker.Destination() {
          @Override
          public void directory(ManifestLine.Directory directory) {}

          @Override
          public Optional<Unpacker.FileSink> file(ManifestLine.File file) {
            return Optional.of(new Kept(file, out));
          }
        };
    byte[] manifest = objects.getOrDefault(MANIFEST.path(), new byte[0]);
    try (ManifestReader reader =
        new ManifestReader(MANIFEST.path(), new ByteArrayInputStream(manifest))) {
      new Unpacker(new PackReader(store, ""), destination, 1).run(reader);
    }
    return out;
  }

  private static final class Kept implements Unpacker.FileSink {

    private final ManifestLine.File file;
    private final byte[] content;
    private final Map<String, Digest> out;

    Kept(ManifestLine.File file, Map<String, Digest> out) {
      this.file = file;
      this.content = new byte[(int) file.size()];
      this.out = out;
    }

    @Override
    public void write(ByteBuffer bytes, long offset) {
      bytes.get(content, (int) offset, bytes.remaining());
    }

    @Override
    public void finish() {
      out.put(file.path(), Digest.of(content));
    }
  }

  /// @return whether the damage was noticed
  private boolean isNoticed(String name, byte[] damaged, String what) throws Exception {
    Map<String, byte[]> changed = new TreeMap<>(objects);
    changed.put(name, damaged);
    try {
      assertThat(unpack(changed)).as(what).isEqualTo(whole);
      return false; // it carries nothing, such as a reserved bit
    } catch (BadObjectException e) {
      assertThat(e.object()).as(what).isEqualTo(name);
      return true;
    }
  }

  private static byte[] flipped(byte[] content, int bit) {
    byte[] copy = content.clone();
    copy[bit / 8] ^= (byte) (1 << (bit % 8));
    return copy;
  }

  private static List<ManifestLine> lines(byte[] manifest) throws IOException {
    List<ManifestLine> lines = new ArrayList<>();
    try (ManifestReader reader =
        new ManifestReader(MANIFEST.path(), new ByteArrayInputStream(manifest))) {
      for (Optional<ManifestLine> line = reader.next(); line.isPresent(); line = reader.next()) {
        lines.add(line.get());
      }
    }
    return lines;
  }

  @Test
  void everyBitOfTheManifest() throws Exception {
    byte[] manifest = objects.get(MANIFEST.path());
    List<ManifestLine> written = lines(manifest);
    int noticed = 0;
    for (int bit = 0; bit < manifest.length * 8; bit++) {
      try {
        assertThat(lines(flipped(manifest, bit))).as("bit %d", bit).isEqualTo(written);
      } catch (BadObjectException e) {
        noticed++;
      }
    }
    // zstd's own format has bits that carry nothing; SHA256SUMS notices those too.
    assertThat(noticed).isGreaterThan(manifest.length * 8 * 98 / 100);
  }

  @Test
  void everyBitOfAnIndex() throws Exception {
    StoredPack pack = packs.getFirst();
    byte[] content = objects.get(pack.name());
    for (int bit = (int) pack.indexAt() * 8; bit < content.length * 8; bit++) {
      assertThat(isNoticed(pack.name(), flipped(content, bit), "bit " + bit)).isTrue();
    }
  }

  @Test
  void bitsOfPacks() throws Exception {
    int noticed = 0;
    for (int i = 0; i < FLIPS; i++) {
      StoredPack pack = packs.get(random.nextInt(packs.size()));
      byte[] content = objects.get(pack.name());
      int bit = random.nextInt(content.length * 8);
      noticed += isNoticed(pack.name(), flipped(content, bit), pack.name() + " bit " + bit) ? 1 : 0;
    }
    assertThat(noticed).isGreaterThan(FLIPS * 95 / 100);
  }

  @Test
  void aMissingEnd() throws Exception {
    for (int i = 0; i < 200; i++) {
      StoredPack pack = packs.get(random.nextInt(packs.size()));
      byte[] content = objects.get(pack.name());
      int length = random.nextInt(content.length);
      assertThat(isNoticed(pack.name(), Arrays.copyOf(content, length), "length " + length))
          .isTrue();
    }
  }

  @Test
  void aPackInAnothersPlace() throws Exception {
    for (StoredPack one : packs) {
      for (StoredPack other : packs) {
        if (!one.equals(other)) {
          assertThat(isNoticed(one.name(), objects.get(other.name()), one + " is " + other))
              .isTrue();
        }
      }
    }
  }
}
