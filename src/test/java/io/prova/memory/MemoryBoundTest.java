package io.prova.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Heap and direct buffers together stay below 512 MiB, whatever the cluster's size: in a process
/// that has not more, the work is done. The figures are printed.
@Tag("slow")
class MemoryBoundTest {

  @TempDir private Path directory;

  private void runs(Class<?> program, List<String> memory, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(memory);
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName(),
            directory.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.println(program.getSimpleName() + " " + memory + "\n" + said);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void theManifestOfTenTebibytes() throws Exception {
    runs(
        LargeManifest.class,
        List.of("-Xmx256m", "-XX:MaxDirectMemorySize=128m"),
        "10000",
        "1000000");
  }

  @Test
  void twoHundredThousandFiles() throws Exception {
    runs(ManyFiles.class, List.of("-Xmx256m", "-XX:MaxDirectMemorySize=128m"), "200000", "4");
  }

  /// Of a machine with very many cores no more are used than memory is meant for.
  @Test
  void manyCores() throws Exception {
    runs(ManyFiles.class, List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m"), "20000", "256");
  }
}
