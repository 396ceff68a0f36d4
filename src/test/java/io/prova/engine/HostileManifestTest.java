package io.prova.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.prova.base.Digest;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A manifest that someone wrote to do harm, whole by its own digest: refused before any of it is
/// used.
class HostileManifestTest {

  private static final String HEAD =
      "{\"type\":\"manifest\",\"format\":1,\"repository\":\"r\",\"session\":\"s\"}";
  private static final String ZEROES = "0".repeat(64);
  private static final String PACK =
      "{\"type\":\"pack\",\"pack\":{\"name\":\"000001.tar.zst\",\"stored\":200,\"raw\":2560,\"frames\":1,\"index_at\":100,\"index\":\""
          + ZEROES
          + "\",\"sha256\":\""
          + ZEROES
          + "\"}}";
  private static final String FILE =
      "{\"type\":\"file\",\"path\":\"base/1\",\"size\":4,\"mode\":\"0600\",\"mtime\":\"2026-11-22T03:00:00Z\",\"check\":\"a3d2afdc9fffb9f5\",\"layers\":[{\"kind\":\"base\",\"pack\":\"000001.tar.zst\",\"at\":512}]}";
  private static final String DIRECTORY =
      "{\"type\":\"directory\",\"path\":\"base\",\"mode\":\"0700\"}";

  private static void read(byte[] stored) throws IOException {
    try (ManifestReader reader =
        new ManifestReader("manifest.jsonl.zst", new ByteArrayInputStream(stored))) {
      while (reader.next().isPresent()) {}
    }
  }

  /// Closed by a right last line.
  private static byte[] manifest(String... lines) {
    StringBuilder text = new StringBuilder();
    long files = 0;
    long bytes = 0;
    for (String line : lines) {
      text.append(line).append('\n');
      if (line.startsWith("{\"type\":\"file\"")) {
        files++;
        bytes += 4;
      }
    }
    String end =
        "{\"type\":\"end\",\"lines\":%d,\"files\":%d,\"bytes\":%d,\"sha256\":\"%s\"}\n"
            .formatted(
                lines.length,
                files,
                bytes,
                Digest.of(text.toString().getBytes(StandardCharsets.UTF_8)));
    return compressed(text + end);
  }

  private static byte[] compressed(String text) {
    return Zstd.compress(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(byte[] manifest) {
    assertThatThrownBy(() -> read(manifest))
        .isInstanceOf(BadObjectException.class)
        .hasMessageContaining("manifest.jsonl.zst");
  }

  @Test
  void aHarmlessOneIsRead() throws Exception {
    read(manifest(HEAD, PACK, DIRECTORY, FILE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside",
        "/etc/passwd",
        "base/../../outside",
        "base/./1",
        "base//1",
        "",
        "base/",
        "..",
        "a\\u0000b"
      })
  void aPathThatLeadsElsewhereIsRefused(String path) {
    assertRefused(manifest(HEAD, PACK, DIRECTORY, FILE.replace("base/1", path)));
    assertRefused(manifest(HEAD, PACK, DIRECTORY.replace("\"base\"", "\"" + path + "\""), FILE));
  }

  @Test
  void aPathOfAnyLengthIsRefused() {
    assertRefused(manifest(HEAD, PACK, FILE.replace("base/1", "x".repeat(5000))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../000001.tar.zst",
        "/etc/passwd",
        "backup.json",
        "000001.tar.zst/../../x",
        "1.tar.zst",
        ""
      })
  void aPackOfAnotherNameIsRefused(String name) {
    assertRefused(
        manifest(HEAD, PACK.replace("000001.tar.zst", name), FILE.replace("000001.tar.zst", name)));
  }

  @Test
  void numbersThatCannotBeAreRefused() {
    List<byte[]> bad = new ArrayList<>();
    bad.add(manifest(HEAD, PACK, FILE.replace("\"size\":4", "\"size\":-4")));
    bad.add(manifest(HEAD, PACK, FILE.replace("\"at\":512", "\"at\":-1")));
    bad.add(manifest(HEAD, PACK, FILE.replace("\"at\":512", "\"at\":2557")));
    bad.add(manifest(HEAD, PACK, FILE.replace("\"at\":512", "\"at\":9223372036854775807")));
    bad.add(manifest(HEAD, PACK, FILE.replace("\"size\":4", "\"size\":9223372036854775807")));
    bad.add(manifest(HEAD, PACK, FILE.replace("\"size\":4", "\"size\":1e99")));
    bad.add(manifest(HEAD, PACK, FILE.replace("0600", "4755")));
    bad.add(manifest(HEAD, PACK, FILE.replace("0600", "rwx")));
    bad.add(manifest(HEAD, PACK, FILE.replace("a3d2afdc9fffb9f5", "a3d2")));
    bad.add(manifest(HEAD, PACK.replace("\"raw\":2560", "\"raw\":-1"), FILE));
    bad.add(manifest(HEAD, PACK.replace("\"index_at\":100", "\"index_at\":-1"), FILE));
    bad.forEach(HostileManifestTest::assertRefused);
  }

  @Test
  void linesThatDoNotBelongThereAreRefused() {
    assertRefused(manifest(PACK, FILE));
    assertRefused(manifest(HEAD, HEAD, PACK, FILE));
    assertRefused(manifest(HEAD, FILE));
    assertRefused(manifest(HEAD, PACK, PACK, FILE));
    assertRefused(manifest(HEAD, PACK, FILE.replace("base\"", "delta\"")));
    assertRefused(
        manifest(
            HEAD,
            PACK,
            FILE.replace("}]}", "},{\"kind\":\"base\",\"pack\":\"000001.tar.zst\",\"at\":512}]}")));
    assertRefused(manifest(HEAD, PACK, FILE.replace("[{\"kind\"", "[],\"x\":[{\"kind\"")));
    assertRefused(
        manifest(HEAD, PACK, "{\"type\":\"link\",\"path\":\"base/1\",\"target\":\"/etc\"}"));
    assertRefused(manifest(HEAD, PACK, ""));
    assertRefused(manifest(HEAD, PACK, "[".repeat(100_000)));
  }

  @Test
  void anotherFormatIsNotGuessedAt() {
    assertThatThrownBy(
            () -> read(manifest(HEAD.replace("\"format\":1", "\"format\":2"), "{\"new\":1}")))
        .isInstanceOf(UnknownFormatException.class);
  }

  @Test
  void aTextThatIsNotTheOneThatWasWrittenIsRefused() {
    byte[] whole = Zstd.decompress(manifest(HEAD, PACK, FILE), 10_000);
    String text = new String(whole, StandardCharsets.UTF_8);
    assertRefused(compressed(text.replace("base/1", "base/2")));
    assertRefused(compressed(text.substring(0, text.lastIndexOf("{\"type\":\"end\""))));
    assertRefused(compressed(text + "\n"));
    assertRefused(compressed(text.replace("\"lines\":3", "\"lines\":4")));
    assertRefused(compressed(text.replace("\"files\":1", "\"files\":2")));
    assertRefused(new byte[0]);
    assertRefused("no zstd at all".getBytes(StandardCharsets.UTF_8));
    byte[] stored = manifest(HEAD, PACK, FILE);
    for (int length = 0; length < stored.length; length++) {
      assertRefused(Arrays.copyOf(stored, length));
    }
  }

  /// A few kilobytes that become a gigabyte.
  @Test
  void aLineWithoutEndTakesNoMemory() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (ZstdOutputStream out = new ZstdOutputStream(bomb)) {
      out.write((HEAD + "\n").getBytes(StandardCharsets.UTF_8));
      byte[] blanks = new byte[1 << 20];
      Arrays.fill(blanks, (byte) ' ');
      for (int i = 0; i < 1024; i++) {
        out.write(blanks);
      }
    }
    assertThat(bomb.size()).isLessThan(1 << 20);
    assertRefused(bomb.toByteArray());
  }
}
