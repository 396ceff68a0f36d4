package io.prova.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.BytesInMemory;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.OpenFile;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.PageCheck;
import io.prova.storage.FaultyObjectStore;
import io.prova.storage.FaultyObjectStore.Fault;
import io.prova.storage.Key;
import io.prova.storage.ObjectStore;
import io.prova.storage.memory.MemoryObjectStore;
import io.prova.storage.retry.RetryingObjectStore;
import io.prova.testing.OpenFiles;
import io.prova.testing.Seeded;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each call to the store goes wrong once, in each way: what comes of it is the old state or the
/// new one, nothing stays open, and the next run succeeds.
class FaultSweepTest {

  private static final Key MANIFEST = new Key(ManifestWriter.OBJECT);
  private static final Instant MTIME = Instant.parse("2026-11-22T03:00:00Z");

  /// Small limits, so that little content has many frames and packs.
  private static final PackPlan PLAN = new PackPlan(1, 4096, 12_000, 15_000, 3);

  @TempDir private Path directory;
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final AtomicInteger openFiles = new AtomicInteger();
  private int threads;

  @BeforeEach
  void makeFiles() {
    Random random = Seeded.random(FaultSweepTest.class);
    int[] sizes = {0, 513, 4096, 9000, 16_000};
    for (int size : sizes) {
      byte[] content = new byte[size];
      random.nextBytes(content);
      Arrays.fill(content, 0, size / 3, (byte) 7);
      files.put("base/" + size, content);
    }
    for (int i = 0; i < 6; i++) {
      files.put(
          "base/small" + i, ("small " + i).repeat(1 + i * 20).getBytes(StandardCharsets.UTF_8));
    }
    threads = Thread.activeCount();
  }

  @AfterEach
  void noThreadIsLeft() throws InterruptedException {
    for (int i = 0; i < 100 && Thread.activeCount() > threads; i++) {
      Thread.sleep(20); // an ended pool's threads go a moment later
    }
    assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
  }

  private void pack(ObjectStore store) throws IOException, InterruptedException {
    try (ManifestWriter manifest = new ManifestWriter(store.create(MANIFEST));
        Packer packer = new Packer(store, "", PLAN, manifest, new Packer.Listener() {})) {
      manifest.write(new ManifestLine.Head(ManifestReader.FORMAT, "repository", "session"));
      packer.add(new Member.Directory("base", 0700, MTIME));
      for (Map.Entry<String, byte[]> each : files.entrySet()) {
        packer.add(
            new Member.File(
                each.getKey(),
                0600,
                MTIME,
                each.getValue().length,
                () -> new Counted(each.getValue()),
                PageCheck.NONE));
      }
      packer.finish();
      manifest.finish();
    }
  }

  /// A file that tells whether it was closed.
  private final class Counted implements OpenFile {

    private final BytesInMemory bytes;

    Counted(byte[] content) {
      bytes = new BytesInMemory(content);
      openFiles.incrementAndGet();
    }

    @Override
    public long size() {
      return bytes.size();
    }

    @Override
    public int read(ByteBuffer into, long offset) {
      return bytes.read(into, offset);
    }

    @Override
    public void close() {
      openFiles.decrementAndGet();
    }
  }

  private static ManifestReader manifest(ObjectStore store) throws IOException {
    ByteBuffer stored = ByteBuffer.allocate((int) store.stat(MANIFEST).orElseThrow().bytes());
    store.read(MANIFEST, 0, stored);
    return new ManifestReader(MANIFEST.path(), new ByteArrayInputStream(stored.array()));
  }

  /// @param whole a store whose manifest can be read
  /// @param faulty through which packs are read
  private void unpack(ObjectStore whole, ObjectStore faulty, Path target, boolean reuse)
      throws IOException, InterruptedException {
    Unpacker.Destination destination =
        new Unpacker.Destination() {
          @Override
          public void directory(ManifestLine.Directory directory) throws IOException {
            Files.createDirectories(target.resolve(directory.path()));
          }

          @Override
          public Optional<Unpacker.FileSink> file(ManifestLine.File file) {
            placed.put(file.path(), false);
            return Optional.of(
                new FileOnDisk(file, target.resolve(file.path()), reuse, new Listener(target)));
          }
        };
    placed.clear();
    try (ManifestReader manifest = manifest(whole)) {
      new Unpacker(new PackReader(faulty, ""), destination, 3).run(manifest);
    }
  }

  /// Which files of the last unpacking were told whole.
  private final Map<String, Boolean> placed = new ConcurrentHashMap<>();

  private final class Listener implements FileOnDisk.Listener {

    private final Path target;

    Listener(Path target) {
      this.target = target;
    }

    @Override
    public void wrote(long bytes) {}

    @Override
    public void placed(Path file) {
      placed.put(target.relativize(file).toString(), true);
    }
  }

  private void assertEqual(Path target) throws IOException {
    for (Map.Entry<String, byte[]> each : files.entrySet()) {
      assertThat(target.resolve(each.getKey())).hasBinaryContent(each.getValue());
    }
  }

  private Path target(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "LOST_REPLY", "PARTIAL_WRITE"})
  void aBackupThatFailsAnywhereIsNoneOrIsWhole(Fault fault) throws Exception {
    for (int n = 1; ; n++) {
      MemoryObjectStore memory = new MemoryObjectStore();
      FaultyObjectStore store = new FaultyObjectStore(memory, fault, n);
      Throwable thrown = catchThrowable(() -> pack(store));
      String when = fault + " " + n + ": " + thrown;
      assertThat(store.openWriters()).as("writers open after %s", when).isZero();
      assertThat(openFiles).as("files open after %s", when).hasValue(0);
      if (!store.happened()) {
        assertThat(thrown).isNull();
        assertThat(n).isGreaterThan(fault == Fault.PARTIAL_WRITE ? 10 : 18);
        return;
      }
      assertThat(thrown)
          .as(when)
          .isExactlyInstanceOf(IOException.class)
          .hasMessageMatching("(?:[0-9]{6}\\.tar\\.zst|manifest\\.jsonl\\.zst): injected .*");
      if (memory.stat(MANIFEST).isPresent()) {
        assertThat(fault).as(when).isEqualTo(Fault.LOST_REPLY);
        Path target = target(fault + "" + n);
        unpack(memory, memory, target, false);
        assertEqual(target);
      }
      if (n % 10 == 1) {
        pack(FaultyObjectStore.faultless(new MemoryObjectStore()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "LOST_REPLY", "SHORT_READ", "WRONG_BYTES"})
  void aRestoreThatFailsAnywhereSaysSoAndTheNextOneSucceeds(Fault fault) throws Exception {
    MemoryObjectStore memory = new MemoryObjectStore();
    pack(memory);
    for (int n = 1; ; n++) {
      Path target = target(fault + "" + n);
      FaultyObjectStore store = new FaultyObjectStore(memory, fault, n);
      Throwable thrown = catchThrowable(() -> unpack(memory, store, target, false));
      String when = fault + " " + n + ": " + thrown;
      assertThat(OpenFiles.below(target)).as("open after %s", when).isEmpty();
      if (!store.happened()) {
        assertThat(thrown).isNull();
        assertEqual(target);
        assertThat(n).isGreaterThan(6);
        return;
      }
      assertThat(thrown)
          .as(when)
          .isInstanceOf(fault.isError() ? IOException.class : BadObjectException.class)
          .hasMessageContaining(".tar.zst");
      for (Map.Entry<String, Boolean> each : placed.entrySet()) {
        if (each.getValue()) { // what is told whole is whole
          assertThat(target.resolve(each.getKey())).hasBinaryContent(files.get(each.getKey()));
        }
      }
      assertThat(placed).as(when).containsValue(false);
      unpack(memory, memory, target, true);
      assertEqual(target);
    }
  }

  private static ObjectStore retrying(ObjectStore store) {
    return new RetryingObjectStore(store, 3, Duration.ZERO, time -> {});
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "LOST_REPLY", "PARTIAL_WRITE"})
  void aPassingErrorIsSurvivedByABackup(Fault fault) throws Exception {
    for (int n = 1; ; n++) {
      MemoryObjectStore memory = new MemoryObjectStore();
      FaultyObjectStore store = new FaultyObjectStore(memory, fault, n);
      pack(retrying(store));
      assertThat(store.openWriters()).isZero();
      Path target = target(fault + "" + n);
      unpack(memory, memory, target, false);
      assertEqual(target);
      if (!store.happened()) {
        return;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "LOST_REPLY", "SHORT_READ"})
  void aPassingErrorIsSurvivedByARestore(Fault fault) throws Exception {
    MemoryObjectStore memory = new MemoryObjectStore();
    pack(memory);
    for (int n = 1; ; n++) {
      FaultyObjectStore store = new FaultyObjectStore(memory, fault, n);
      Path target = target(fault + "" + n);
      unpack(memory, retrying(store), target, false);
      assertEqual(target);
      if (!store.happened()) {
        return;
      }
    }
  }

  @Test
  void aPassingErrorOfAListingOrADeletionIsSurvived() throws Exception {
    MemoryObjectStore memory = new MemoryObjectStore();
    pack(memory);
    for (Fault fault : List.of(Fault.REFUSED, Fault.LOST_REPLY)) {
      for (int n = 1; n <= 3; n++) {
        ObjectStore store = retrying(new FaultyObjectStore(memory, fault, n));
        assertThat(store.stat(MANIFEST)).isEqualTo(memory.stat(MANIFEST));
        assertThat(store.list("", Optional.empty(), 1000).objects())
            .isEqualTo(memory.list("", Optional.empty(), 1000).objects());
        store.delete(new Key("other"));
      }
    }
  }
}
