package io.prova.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.prova.engine.seal.Identity;
import io.prova.engine.seal.Seal;
import io.prova.engine.seal.SealedObjectStore;
import io.prova.storage.Key;
import io.prova.storage.ObjectStat;
import io.prova.storage.memory.MemoryObjectStore;
import io.prova.testing.Seeded;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
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

/// Encrypted packs: what is stored shows nothing, and whatever is put in an object's place is named
/// and refused. Here nothing helps but the key: the digests of stored bytes are not looked at.
class SealedPacksTest {

  private static final String MANIFEST = "manifest.jsonl.zst.age";
  private static final Instant MTIME = Instant.parse("2026-11-22T03:00:00Z");
  private static final PackPlan PLAN = new PackPlan(1, 65_536, 400_000, 300_000, 2);
  private static final String CANARY = "canary-in-a-table";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Identity identity = Identity.generate(RANDOM);
  private final Seal seal = new Seal(List.of(identity.recipient()), RANDOM);
  private final Random random = Seeded.random(SealedPacksTest.class);

  /// A backup: its stored objects, and its packs as the manifest has them.
  private record Made(Map<String, byte[]> objects, List<StoredPack> packs, long content) {}

  private Made today;

  @BeforeEach
  void pack() throws Exception {
    today = make(random.nextLong());
    assertThat(today.packs).hasSizeGreaterThan(2);
  }

  private Made make(long content) throws Exception {
    Random bytes = new Random(content);
    MemoryObjectStore store = new MemoryObjectStore();
    List<StoredPack> packs;
    try (ManifestWriter manifest =
            new ManifestWriter(store.create(new Key(MANIFEST)), Optional.of(seal));
        Packer packer =
            new Packer(store, "", PLAN, Optional.of(seal), manifest, new Packer.Listener() {})) {
      manifest.write(new ManifestLine.Head(ManifestReader.FORMAT, "repository", "session"));
      packer.add(new Member.Directory("base", 0700, MTIME));
      for (int size : new int[] {0, 1, 5000, 65_536, 250_000, 350_000, 500_000}) {
        byte[] file = new byte[size];
        bytes.nextBytes(file);
        byte[] canary = (CANARY + size).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(canary, 0, file, 0, Math.min(size, canary.length));
        packer.add(
            new Member.File(
                "base/" + size, 0600, MTIME, size, () -> new BytesInMemory(file), PageCheck.NONE));
      }
      packs = packer.finish();
      manifest.finish();
    }
    Map<String, byte[]> objects = new TreeMap<>();
    for (ObjectStat each : store.list("", Optional.empty(), 100).objects()) {
      ByteBuffer stored = ByteBuffer.allocate((int) each.bytes());
      store.read(each.key(), 0, stored);
      objects.put(each.key().path(), stored.array());
    }
    return new Made(objects, packs, content);
  }

  private static Map<String, Digest> unpack(Map<String, byte[]> objects, Identity identity)
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
            byte[] content = new byte[(int) file.size()];
            return Optional.of(
                new Unpacker.FileSink() {
                  @Override
                  public void write(ByteBuffer bytes, long offset) {
                    bytes.get(content, (int) offset, bytes.remaining());
                  }

                  @Override
                  public void finish() {
                    out.put(file.path(), Digest.of(content));
                  }
                });
          }
        };
    byte[] manifest = Seal.open(MANIFEST, objects.get(MANIFEST), List.of(identity));
    try (ManifestReader reader = new ManifestReader(MANIFEST, new ByteArrayInputStream(manifest))) {
      SealedObjectStore opened = SealedObjectStore.reading(store, List.of(identity));
      new Unpacker(new PackReader(opened, ""), destination, 2).run(reader);
    }
    return out;
  }

  private void assertRefused(String name, byte[] instead, String what) {
    Map<String, byte[]> changed = new TreeMap<>(today.objects);
    changed.put(name, instead);
    assertThatThrownBy(() -> unpack(changed, identity))
        .as(what)
        .isInstanceOfSatisfying(
            BadObjectException.class, e -> assertThat(e.object()).isEqualTo(name));
  }

  @Test
  void theyComeOutAsTheyWereAndShowNothing() throws Exception {
    assertThat(unpack(today.objects, identity)).hasSize(7);
    assertThat(today.objects.keySet()).allMatch(name -> name.endsWith(".age"));
    today.objects.forEach((name, stored) -> {
      String text = new String(stored, StandardCharsets.ISO_8859_1);
      assertThat(text).as(name).doesNotContain(CANARY).doesNotContain("base/");
    });
    assertThat(today.packs)
        .allSatisfy(pack -> {
          byte[] stored = today.objects.get(pack.name());
          assertThat(pack.stored()).isEqualTo(stored.length);
          assertThat(pack.sha256()).isEqualTo(Digest.of(stored));
          byte[] clear = Seal.open(pack.name(), stored, List.of(identity));
          assertThat(clear.length).isEqualTo(pack.indexAt() + 49 + 16L * pack.frames());
        });
  }

  @Test
  void aPackInAnothersPlaceIsRefused() {
    for (StoredPack one : today.packs) {
      for (StoredPack other : today.packs) {
        if (!one.equals(other)) {
          assertRefused(one.name(), today.objects.get(other.name()), one + " is " + other);
        }
      }
    }
  }

  /// Sealed for the same key, under the same name, as long: and of yesterday.
  @Test
  void anOlderPackOfTheSameNameIsRefused() throws Exception {
    Made yesterday = make(today.content + 1);
    for (StoredPack pack : today.packs) {
      assertRefused(pack.name(), yesterday.objects.get(pack.name()), "yesterday's " + pack);
    }
  }

  @Test
  void anOlderManifestBesideTodaysPacksIsRefused() throws Exception {
    Map<String, byte[]> mixed = new TreeMap<>(today.objects);
    mixed.put(MANIFEST, make(today.content + 1).objects.get(MANIFEST));
    assertThatThrownBy(() -> unpack(mixed, identity))
        .isInstanceOfSatisfying(
            BadObjectException.class, e -> assertThat(e.object()).isEqualTo("000001.tar.zst.age"));
  }

  @Test
  void flippedBitsAndCutsAreRefused() {
    for (int i = 0; i < 200; i++) {
      StoredPack pack = today.packs.get(random.nextInt(today.packs.size()));
      byte[] stored = today.objects.get(pack.name());
      byte[] damaged = stored.clone();
      int bit = random.nextInt(8 * stored.length);
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      assertRefused(pack.name(), damaged, pack.name() + " bit " + bit);
      int length = random.nextInt(stored.length);
      assertRefused(pack.name(), Arrays.copyOf(stored, length), pack.name() + " cut to " + length);
    }
  }

  @Test
  void packsOfTheSameContentInClearAreRefused() throws Exception {
    List<String> names = new ArrayList<>();
    for (StoredPack pack : today.packs) {
      byte[] clear = Seal.open(pack.name(), today.objects.get(pack.name()), List.of(identity));
      assertRefused(pack.name(), clear, "not sealed");
      names.add(pack.name());
    }
    assertThat(names).isNotEmpty();
  }

  @Test
  void anotherKeyOpensNothing() {
    assertThatThrownBy(() -> unpack(today.objects, Identity.generate(RANDOM)))
        .hasMessage(MANIFEST + ": none of the keys given opens it");
  }
}
