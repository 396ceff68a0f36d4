package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Failure;
import io.prova.base.Language;
import io.prova.base.OperationFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever a file holds, it is read or it is refused in words.
class ConfigurationFuzzTest {

  private static final List<String> SNIPPETS =
      List.of(
          "*",
          "&a",
          "!x",
          "{",
          "}",
          "[",
          "]",
          ": ",
          "\n",
          "\t",
          "#",
          "\"",
          "'",
          "|",
          "- ",
          "null",
          "~",
          "<<: ",
          "---\n",
          "%",
          "\u0000",
          "\uFFFE",
          "\uD83D\uDE00",
          "99999999999999999999",
          "-1",
          "clusters:\n  a:\n  b:\n",
          "service: ",
          "? ",
          ",",
          "é",
          "\r",
          "   ");

  @TempDir private Path directory;

  @Test
  void noFileMakesTheReaderFallOver() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed + " (repeat with -Dseed=" + seed + ")");
    Random random = new Random(seed);
    Path smtp = Files.writeString(directory.resolve("smtp"), "x");
    String example =
        Files.readString(Path.of("packaging/prova.yaml"))
            .replaceAll("(?m)^( *)#(?=\\S)", "$1")
            .replace("/etc/prova/smtp-password", smtp.toString());
    int refused = 0;
    for (int i = 0; i < 1_500; i++) {
      String text = mutated(example, random);
      try {
        new Yaml(directory).load(text);
      } catch (OperationFailed e) {
        refused++;
        assertThat(e.failure()).as(text).isEqualTo(Failure.CONFIG);
        assertThat(e.problem().in(Language.PORTUGUESE)).as(text).startsWith("prova.yaml");
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("file " + i + " of seed " + seed, e);
      }
    }
    assertThat(refused).isBetween(500, 1_499);
  }

  /// Up to eight pieces are taken out, put in or doubled.
  private static String mutated(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int i = random.nextInt(8); i >= 0; i--) {
      int from = random.nextInt(mutated.length());
      int to = Math.min(mutated.length(), from + random.nextInt(12));
      switch (random.nextInt(4)) {
        case 0 -> mutated.delete(from, to);
        case 1 -> mutated.insert(from, mutated.substring(from, to));
        case 2 -> mutated.setCharAt(from, (char) (32 + random.nextInt(95)));
        default -> mutated.insert(from, SNIPPETS.get(random.nextInt(SNIPPETS.size())));
      }
    }
    return mutated.toString();
  }
}
