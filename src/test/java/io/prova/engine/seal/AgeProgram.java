package io.prova.engine.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/// The `age` program: another's reading of the same specification.
public final class AgeProgram {

  private AgeProgram() {}

  /// Where it is not installed, what needs it is not tested; the test command installs it.
  public static void assumeInstalled() {
    try {
      Assumptions.assumeTrue(new ProcessBuilder("age", "--version").start().waitFor() == 0);
    } catch (IOException | InterruptedException e) {
      Assumptions.abort("age is not installed");
    }
  }

  /// @return what it said
  static String run(int exitCode, String... words) throws Exception {
    Process process = new ProcessBuilder(List.of(words)).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(exitCode);
    return said;
  }

  /// Into a file that is there: with `-o`, age makes none for nothing.
  static void decrypt(Path key, Path sealed, Path clear) throws Exception {
    Process process =
        new ProcessBuilder("age", "-d", "-i", key.toString(), sealed.toString())
            .redirectOutput(clear.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor()).isZero();
  }
}
