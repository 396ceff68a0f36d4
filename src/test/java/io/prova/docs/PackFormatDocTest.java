package io.prova.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.prova.engine.FileOnDisk;
import io.prova.engine.Packer;
import io.prova.engine.Unpacker;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.BytesInMemory;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.PageCheck;
import io.prova.storage.Key;
import io.prova.storage.memory.MemoryObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// docs/format.md is normative for packs too: its example is what the reader takes and what the
/// writer writes.
class PackFormatDocTest {

  private static final Instant MTIME = Instant.parse("2026-11-22T03:00:00Z");
  private static final byte[] CONTENT = "ola\n".getBytes(StandardCharsets.UTF_8);
  private static final Key PACK = new Key("000001.tar.zst");
  private static final Key MANIFEST = new Key("manifest.jsonl.zst");

  @TempDir private Path target;

  private static String block(String marker) throws IOException {
    Matcher matcher =
        Pattern.compile(
                "<!-- " + Pattern.quote(marker) + " -->\n```[a-z]*\n(.*?)```\n", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("docs/format.md")));
    assertThat(matcher.find()).as(marker).isTrue();
    return matcher.group(1);
  }

  /// Lines of an offset, two blanks, and bytes in hexadecimal.
  private static byte[] bytes(String dump) {
    StringBuilder digits = new StringBuilder();
    dump.lines().forEach(line -> digits.append(line.substring(6).replace(" ", "")));
    return HexFormat.of().parseHex(digits);
  }

  @Test
  void theExampleIsUnpacked() throws Exception {
    MemoryObjectStore store = new MemoryObjectStore();
    store.putIfAbsent(PACK, ByteBuffer.wrap(bytes(block("hex: " + PACK.path()))));
    byte[] manifest =
        Zstd.compress(block("lines: manifest.jsonl").getBytes(StandardCharsets.UTF_8));
    try (ManifestReader reader =
        new ManifestReader(MANIFEST.path(), new ByteArrayInputStream(manifest))) {
      new Unpacker(new PackReader(store, ""), destination(), 1).run(reader);
    }
    assertThat(target.resolve("base/greeting")).hasBinaryContent(CONTENT);
  }

  @Test
  void theExampleIsWhatIsWritten() throws Exception {
    MemoryObjectStore store = new MemoryObjectStore();
    try (ManifestWriter manifest = new ManifestWriter(store.create(MANIFEST));
        Packer packer =
            new Packer(store, "", PackPlan.of(1, 1), manifest, new Packer.Listener() {})) {
      manifest.write(
          new ManifestLine.Head(
              ManifestReader.FORMAT, "b1cf5b82-d954-4fe4-83d4-474f33251c50", "5a6ecd33"));
      packer.add(new Member.Directory("base", 0700, MTIME));
      packer.add(
          new Member.File(
              "base/greeting",
              0600,
              MTIME,
              CONTENT.length,
              () -> new BytesInMemory(CONTENT),
              PageCheck.NONE));
      packer.finish();
      manifest.finish();
    }
    byte[] pack = read(store, PACK);
    byte[] lines = Zstd.decompress(read(store, MANIFEST), 100_000);
    assertThat(dump(pack)).isEqualTo(block("hex: " + PACK.path()));
    assertThat(new String(lines, StandardCharsets.UTF_8)).isEqualTo(block("lines: manifest.jsonl"));
  }

  private static byte[] read(MemoryObjectStore store, Key key) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) store.stat(key).orElseThrow().bytes());
    store.read(key, 0, content);
    return content.array();
  }

  private static String dump(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    HexFormat hex = HexFormat.ofDelimiter(" ");
    for (int at = 0; at < bytes.length; at += 24) {
      int to = Math.min(bytes.length, at + 24);
      out.append("%04x  ".formatted(at)).append(hex.formatHex(bytes, at, to)).append('\n');
    }
    return out.toString();
  }

  private Unpacker.Destination destination() {
    return new Unpacker.Destination() {
      @Override
      public void directory(ManifestLine.Directory directory) throws IOException {
        Files.createDirectories(target.resolve(directory.path()));
      }

      @Override
      public Optional<Unpacker.FileSink> file(ManifestLine.File file) {
        return Optional.of(new FileOnDisk(file, target.resolve(file.path()), false, new Deaf()));
      }
    };
  }

  private static final class Deaf implements FileOnDisk.Listener {
    @Override
    public void wrote(long bytes) {}

    @Override
    public void placed(Path file) {}
  }
}
