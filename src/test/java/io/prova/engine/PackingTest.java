package io.prova.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.engine.layer.Layer;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.BytesInMemory;
import io.prova.engine.pack.Check;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.PageCheck;
import io.prova.engine.pack.StoredPack;
import io.prova.storage.Key;
import io.prova.storage.fs.LocalObjectStore;
import io.prova.testing.Seeded;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackingTest {

  private static final String PLACE = "fisicos/2026-11-22_03-00/";
  private static final Key MANIFEST = new Key(PLACE + "manifest.jsonl.zst");
  private static final Instant MTIME = Instant.parse("2026-11-22T03:00:00Z");

  /// Small limits, so that little content meets every boundary.
  private static final PackPlan PLAN = new PackPlan(1, 8192, 100_000, 60_000, 3);

  @TempDir private Path directory;
  private LocalObjectStore store;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  @BeforeEach
  void makeFiles() throws IOException {
    store = new LocalObjectStore(Files.createDirectory(directory.resolve("repository")));
    Random random = Seeded.random(PackingTest.class);
    int[] sizes = {
      0, 1, 511, 512, 513, 7167, 7168, 7169, 7680, 8191, 8192, 8193, 16384, 16385, 59_999, 60_000,
      60_001, 131_072, 200_001
    };
    for (int size : sizes) {
      files.put("base/1/" + size, content(random, size));
    }
    for (int i = 0; i < 200; i++) {
      files.put("base/2/small" + i, content(random, random.nextInt(3000)));
    }
    files.put("base/ção 🐘", content(random, 100));
    files.put("base/" + "n".repeat(200) + "/" + "m".repeat(200), content(random, 9000));
    files.put("base/zeroes", new byte[300_000]);
  }

  /// Half of it compresses; some pages are all zeroes.
  private static byte[] content(Random random, int size) {
    byte[] content = new byte[size];
    random.nextBytes(content);
    for (int at = 0; at < size; at += 1 + random.nextInt(9000)) {
      Arrays.fill(content, at, Math.min(size, at + random.nextInt(20_000)), (byte) 0);
    }
    return content;
  }

  private final List<String> vanished = new ArrayList<>();

  private Packer.Listener listener() {
    return new Packer.Listener() {
      @Override
      public void read(long bytes) {}

      @Override
      public synchronized void vanished(String path) {
        vanished.add(path);
      }

      @Override
      public void damaged(String path, List<Integer> blocks) {}
    };
  }

  private List<StoredPack> pack(List<Member> members) throws Exception {
    try (ManifestWriter manifest = new ManifestWriter(store.create(MANIFEST));
        Packer packer = new Packer(store, PLACE, PLAN, manifest, listener())) {
      manifest.write(new ManifestLine.Head(ManifestReader.FORMAT, "repository", "session"));
      for (Member member : members) {
        packer.add(member);
      }
      List<StoredPack> packs = packer.finish();
      manifest.finish();
      return packs;
    }
  }

  private List<Member> members() {
    List<Member> members = new ArrayList<>();
    for (String each : List.of("base", "base/1", "base/2", "base/" + "n".repeat(200), "empty")) {
      members.add(new Member.Directory(each, 0700, MTIME));
    }
    files.forEach((path, content) -> members.add(file(path, content)));
    return members;
  }

  private static Member.File file(String path, byte[] content) {
    return new Member.File(
        path, 0640, MTIME, content.length, () -> new BytesInMemory(content), PageCheck.NONE);
  }

  private void unpack(Path target, boolean reuse) throws Exception {
    PackReader packs = new PackReader(store, PLACE);
    Unpacker.Destination destination =
        new Unpacker.Destination() {
          @Override
          public void directory(ManifestLine.Directory directory) throws IOException {
            Files.createDirectories(target.resolve(directory.path()));
          }

          @Override
          public Optional<Unpacker.FileSink> file(ManifestLine.File file) {
            return Optional.of(
                new FileOnDisk(file, target.resolve(file.path()), reuse, new Deaf()));
          }
        };
    try (ManifestReader manifest = manifest()) {
      new Unpacker(packs, destination, 3).run(manifest);
    }
  }

  private ManifestReader manifest() throws IOException {
    ByteBuffer stored = ByteBuffer.allocate((int) store.stat(MANIFEST).orElseThrow().bytes());
    store.read(MANIFEST, 0, stored);
    return new ManifestReader("manifest.jsonl.zst", new ByteArrayInputStream(stored.array()));
  }

  private void assertEqual(Path target) throws IOException {
    for (Map.Entry<String, byte[]> each : files.entrySet()) {
      Path file = target.resolve(each.getKey());
      assertThat(Files.readAllBytes(file)).as(each.getKey()).isEqualTo(each.getValue());
    }
    assertThat(target.resolve("empty")).isEmptyDirectory();
  }

  private Path target(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  @Test
  void filesComeBackAsTheyWere() throws Exception {
    assertThat(pack(members())).hasSizeGreaterThan(5);
    Path target = target("restored");
    unpack(target, false);
    assertEqual(target);
    Path some = target.resolve("base/1/8193");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(some)))
        .isEqualTo("rw-r-----");
    assertThat(Files.getLastModifiedTime(some).toInstant()).isEqualTo(MTIME);
  }

  @Test
  void ordinaryZstdAndTarReadThemToo() throws Exception {
    List<StoredPack> packs = pack(members());
    Path target = target("by-hand");
    for (StoredPack pack : packs) {
      Path stored = directory.resolve("repository").resolve(PLACE).resolve(pack.name());
      Process process =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "zstd -dcq \"$0\" | tar x -C \"$1\"",
                  stored.toString(),
                  target.toString())
              .redirectErrorStream(true)
              .start();
      assertThat(process.getInputStream().readAllBytes()).isEmpty();
      assertThat(process.waitFor()).isZero();
    }
    assertEqual(target);
  }

  @Test
  void whatIsRightOnTheDiskIsKept() throws Exception {
    pack(members());
    Path target = target("restored");
    unpack(target, false);
    Files.delete(target.resolve("base/1/512"));
    byte[] changed = files.get("base/1/131072").clone();
    changed[100_000] ^= 1;
    Files.write(target.resolve("base/1/131072"), changed);
    Files.write(target.resolve("base/zeroes"), new byte[] {1, 2, 3});
    Files.write(target.resolve("base/2/small7"), content(new Random(1), 5000));
    unpack(target, true);
    assertEqual(target);
  }

  @Test
  void aFileThatVanishesIsLeftOut() throws Exception {
    List<Member> members = members();
    for (int size : new int[] {100, 20_000}) {
      members.add(
          new Member.File(
              "gone" + size,
              0600,
              MTIME,
              size,
              () -> {
                throw new NoSuchFileException("gone");
              },
              PageCheck.NONE));
    }
    pack(members);
    assertThat(vanished).containsExactlyInAnyOrder("gone100", "gone20000");
    Path target = target("restored");
    unpack(target, false);
    assertEqual(target);
  }

  @Test
  void aFileThatGrowsIsCutAndOneThatShrinksIsFilledUp() throws Exception {
    List<Member> members = members();
    byte[] shorter = {1, 2, 3};
    members.add(
        new Member.File(
            "shrank", 0600, MTIME, 5, () -> new BytesInMemory(shorter), PageCheck.NONE));
    members.add(
        new Member.File("grew", 0600, MTIME, 2, () -> new BytesInMemory(shorter), PageCheck.NONE));
    pack(members);
    Path target = target("restored");
    unpack(target, false);
    assertThat(Files.readAllBytes(target.resolve("shrank"))).containsExactly(1, 2, 3, 0, 0);
    assertThat(Files.readAllBytes(target.resolve("grew"))).containsExactly(1, 2);
  }

  @Test
  void aFailingReadFailsTheBackup() {
    List<Member> members = members();
    members.add(
        new Member.File(
            "bad",
            0600,
            MTIME,
            5,
            () -> {
              throw new IOException("input/output error");
            },
            PageCheck.NONE));
    members.addAll(members());
    assertThatThrownBy(() -> pack(members)).hasMessage("input/output error");
  }

  /// No bit is wrong, and yet a file would come back as a hole.
  @Test
  void aFileThatNoFrameHoldsIsNoticed() throws Exception {
    pack(members());
    List<ManifestLine> lines = new ArrayList<>();
    try (ManifestReader manifest = manifest()) {
      for (Optional<ManifestLine> line = manifest.next();
          line.isPresent();
          line = manifest.next()) {
        lines.add(line.get());
      }
    }
    store.delete(MANIFEST);
    try (ManifestWriter manifest = new ManifestWriter(store.create(MANIFEST))) {
      for (ManifestLine line : lines) {
        manifest.write(line instanceof ManifestLine.Pack pack ? longer(pack.pack()) : line);
        if (line instanceof ManifestLine.Pack pack) {
          manifest.write(
              new ManifestLine.File(
                  "beyond" + pack.pack().name(),
                  1000,
                  "0600",
                  MTIME,
                  Check.EMPTY,
                  List.of(new Layer(Layer.Kind.BASE, pack.pack().name(), pack.pack().raw())),
                  List.of()));
        }
      }
      manifest.finish();
    }
    Path target = target("restored");
    assertThatThrownBy(() -> unpack(target, false))
        .isInstanceOf(BadObjectException.class)
        .hasMessageContaining("the manifest says");
  }

  private static ManifestLine.Pack longer(StoredPack pack) {
    return new ManifestLine.Pack(
        new StoredPack(
            pack.name(),
            pack.stored(),
            pack.raw() + 1000,
            pack.frames(),
            pack.indexAt(),
            pack.index(),
            pack.sha256()));
  }

  @Test
  void everyFlippedBitOfAPackIsNoticed() throws Exception {
    List<StoredPack> packs = pack(members());
    Random random = Seeded.random(PackingTest.class);
    for (int round = 0; round < 40; round++) {
      StoredPack pack = packs.get(random.nextInt(packs.size()));
      Path stored = directory.resolve("repository").resolve(PLACE).resolve(pack.name());
      byte[] content = Files.readAllBytes(stored);
      int at = random.nextInt(content.length);
      content[at] ^= (byte) (1 << random.nextInt(8));
      Path copy = directory.resolve("copy");
      Files.move(stored, copy);
      Files.write(stored, content);
      Path target = target("round" + round);
      Throwable thrown =
          org.assertj.core.api.Assertions.catchThrowable(() -> unpack(target, false));
      if (thrown == null) {
        assertEqual(target); // a bit that carries nothing, such as a reserved one
      } else {
        assertThat(thrown).isInstanceOf(BadObjectException.class).hasMessageContaining(pack.name());
      }
      Files.delete(stored);
      Files.move(copy, stored);
    }
  }

  private static final class Deaf implements FileOnDisk.Listener {
    @Override
    public void wrote(long bytes) {}

    @Override
    public void placed(Path file) {}
  }
}
