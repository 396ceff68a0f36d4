package io.prova.memory;

import io.prova.engine.Packer;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.OpenFile;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PageCheck;
import io.prova.storage.Key;
import io.prova.storage.fs.LocalObjectStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;

/// Packs very many files of one to three pages, as a cluster of very many relations has.
final class ManyFiles {

  private static final int PAGE = 8192;
  private static final Instant MTIME = Instant.parse("2026-11-22T03:00:00Z");

  private ManyFiles() {}

  /// @param arguments a directory, the number of files, the number of workers
  public static void main(String[] arguments) throws Exception {
    LocalObjectStore store = new LocalObjectStore(Path.of(arguments[0]));
    int files = Integer.parseInt(arguments[1]);
    PackPlan plan = PackPlan.of(PackPlan.DEFAULT_LEVEL, Integer.parseInt(arguments[2]));
    long began = System.nanoTime();
    try (ManifestWriter manifest =
            new ManifestWriter(store.create(new Key(ManifestWriter.OBJECT)));
        Packer packer = new Packer(store, "", plan, manifest, new Packer.Listener() {})) {
      manifest.write(new ManifestLine.Head(ManifestReader.FORMAT, "repository", "session"));
      for (int i = 0; i < files; i++) {
        int number = i;
        long size = (1 + i % 3) * (long) PAGE;
        packer.add(
            new Member.File(
                "base/16384/" + (100_000 + i),
                0600,
                MTIME,
                size,
                () -> new Pages(number, size),
                PageCheck.NONE));
      }
      int packs = packer.finish().size();
      ManifestWriter.Written written = manifest.finish();
      System.out.println(
          Peak.told(
              "packed, %d files of %.1f GB in %d packs by %d workers"
                  .formatted(written.files(), written.bytes().bytes() / 1e9, packs, plan.workers()),
              began));
    }
  }

  /// Bytes that follow from the file's number.
  private record Pages(int number, long size) implements OpenFile {

    @Override
    public int read(ByteBuffer into, long offset) {
      int count = (int) Math.min(into.remaining(), size - offset);
      if (count <= 0) {
        return -1;
      }
      for (int i = 0; i < count; i++) {
        long at = offset + i;
        into.put((byte) (at % 32 < 4 ? number >> (at % 32 * 8) : at >> 5));
      }
      return count;
    }

    @Override
    public void close() {}
  }
}
