package io.prova.memory;

import io.prova.engine.Unpacker;
import io.prova.engine.Unpacker.FileSink;
import io.prova.engine.layer.Layer;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.Check;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.PackWriter;
import io.prova.engine.pack.StoredPack;
import io.prova.storage.Key;
import io.prova.storage.ObjectPage;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import io.prova.storage.ObjectWriter;
import io.prova.storage.fs.LocalObjectStore;
import io.prova.storage.memory.MemoryObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Writes the manifest of a cluster of 10 TiB and goes the way of a restore with it, on which every
/// byte is said to be in its place already: all of the planning, none of the data.
///
/// 10,000 packs with one segment of 1 GiB each, and 1,000,000 files of 16 KiB that share packs.
final class LargeManifest {

  private static final int FRAME = 1024 * 1024;
  private static final int SEGMENT_FRAMES = 1024;
  private static final int SMALL_FRAMES = 256;
  private static final int SMALL = 16 * 1024;

  /// Of a small file with its header; as many fit into a frame as into a pack's frames.
  private static final int SMALL_IN_TAR = SMALL + 512;

  private static final int SMALL_IN_FRAME = FRAME / SMALL_IN_TAR;
  private static final Key MANIFEST = new Key(ManifestWriter.OBJECT);
  private static final Instant MTIME = Instant.parse("2026-11-22T03:00:00Z");

  private LargeManifest() {}

  /// @param arguments a directory, the number of segments, the number of small files
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int segments = Integer.parseInt(arguments[1]);
    int small = Integer.parseInt(arguments[2]);
    OnePackForAll packs = new OnePackForAll();
    long began = System.nanoTime();
    try (ManifestWriter manifest =
        new ManifestWriter(new LocalObjectStore(directory).create(MANIFEST))) {
      manifest.write(new ManifestLine.Head(ManifestReader.FORMAT, "repository", "session"));
      write(manifest, packs, segments, small);
      ManifestWriter.Written written = manifest.finish();
      System.out.println(
          Peak.told(
              "written, %d files of %.1f TiB in %.1f MB"
                  .formatted(
                      written.files(),
                      written.bytes().bytes() / Math.pow(2, 40),
                      written.stored().bytes() / 1e6),
              began));
    }
    began = System.nanoTime();
    AtomicLong finished = new AtomicLong();
    try (InputStream stored = Files.newInputStream(directory.resolve(MANIFEST.path()));
        ManifestReader manifest = new ManifestReader(MANIFEST.path(), stored)) {
      Unpacker.Destination destination =
          new Unpacker.Destination() {
            @Override
            public void directory(ManifestLine.Directory directory) {}

            @Override
            public Optional<FileSink> file(ManifestLine.File file) {
              return Optional.of(new InPlace(finished));
            }
          };
      new Unpacker(new PackReader(packs, ""), destination, 4).run(manifest);
    }
    if (finished.get() != segments + small) {
      throw new IllegalStateException("only " + finished + " files were finished");
    }
    System.out.println(Peak.told("planned and compared, " + finished + " files", began));
  }

  private static void write(ManifestWriter manifest, OnePackForAll packs, int segments, int small)
      throws IOException {
    int number = 0;
    for (int i = 0; i < segments; i++) {
      StoredPack pack = packs.named(++number, packs.segment);
      manifest.write(new ManifestLine.Pack(pack));
      long size = (long) SEGMENT_FRAMES * FRAME;
      manifest.write(file("base/16384/100000." + i, size, pack, 512, i));
    }
    for (int i = 0; i < small; ) {
      StoredPack pack = packs.named(++number, packs.shared);
      manifest.write(new ManifestLine.Pack(pack));
      for (int in = 0; in < SMALL_FRAMES * SMALL_IN_FRAME && i < small; in++, i++) {
        long at =
            (long) (in / SMALL_IN_FRAME) * FRAME + (long) (in % SMALL_IN_FRAME) * SMALL_IN_TAR;
        manifest.write(file("base/16384/" + (200_000 + i), SMALL, pack, at + 512, i));
      }
    }
  }

  private static ManifestLine.File file(
      String path, long size, StoredPack pack, long at, int number) {
    return new ManifestLine.File(
        path,
        size,
        "0600",
        MTIME.plusMillis(number),
        Check.of(number * 0x9E3779B97F4A7C15L),
        List.of(new Layer(Layer.Kind.BASE, pack.name(), at)),
        List.of());
  }

  /// A file that has all its bytes.
  private record InPlace(AtomicLong finished) implements FileSink {

    @Override
    public boolean reuses() {
      return true;
    }

    @Override
    public boolean holds(ByteBuffer scratch, long offset, Check expected) {
      return true;
    }

    @Override
    public void write(ByteBuffer bytes, long offset) {
      throw new IllegalStateException("there is no data");
    }

    @Override
    public void finish() {
      finished.incrementAndGet();
    }
  }

  /// Stands for all packs, of which only indexes are ever read: one of a segment, and one of small
  /// files.
  private static final class OnePackForAll implements ObjectStore {

    private final MemoryObjectStore memory = new MemoryObjectStore();
    private final StoredPack segment;
    private final StoredPack shared;

    OnePackForAll() throws IOException {
      segment = pack("segment", 512, SEGMENT_FRAMES);
      shared = pack("shared", 0, SMALL_FRAMES);
    }

    /// Frames of stated lengths with next to nothing in them.
    private StoredPack pack(String name, int header, int frames) throws IOException {
      try (PackWriter writer =
          new PackWriter(name, memory.create(new Key(name)), Optional.empty())) {
        if (header > 0) {
          writer.append(ByteBuffer.allocate(8), header, Check.EMPTY);
        }
        for (int i = 0; i < frames; i++) {
          writer.append(ByteBuffer.allocate(8), FRAME, Check.of(i));
        }
        StoredPack stored = writer.finish();
        writer.commit();
        return stored;
      }
    }

    StoredPack named(int number, StoredPack as) {
      return new StoredPack(
          String.format(Locale.ROOT, "%06d.tar.zst", number),
          as.stored(),
          as.raw(),
          as.frames(),
          as.indexAt(),
          as.index(),
          as.sha256());
    }

    @Override
    public int read(Key key, long offset, ByteBuffer into) throws IOException {
      boolean ofSegment = offset == segment.indexAt();
      return memory.read(new Key(ofSegment ? "segment" : "shared"), offset, into);
    }

    @Override
    public ObjectWriter create(Key key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ObjectStat> stat(Key key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ObjectPage list(String prefix, Optional<Key> after, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean delete(Key key) {
      throw new UnsupportedOperationException();
    }
  }
}
