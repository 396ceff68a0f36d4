package io.prova.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Redactor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ToolRunTest {

  private static ToolRun shell(String script) {
    return new ToolRun(new Redactor(), Path.of("/bin/sh"), List.of("-c", script));
  }

  /// As pg_basebackup's WAL receiver does when pg_basebackup is killed.
  @Test
  @Timeout(60)
  void whatAKilledProgramLeavesBehindIsEndedAndHoldsNobodyUp() throws Exception {
    String mark = "9731" + System.nanoTime() % 1000;
    ToolRun.Outcome outcome = shell("sleep " + mark + " & kill -9 $$").run(Duration.ofMinutes(10));
    assertThat(outcome.exitCode()).isEqualTo(137);
    assertThat(outcome.took()).isLessThan(Duration.ofSeconds(30));
    assertThat(ProcessHandle.allProcesses())
        .noneMatch(process -> process.info().commandLine().orElse("").endsWith("sleep " + mark));
  }

  @Test
  void aProgramsExitCodeAndLastWordsAreKept() throws Exception {
    ToolRun.Outcome outcome =
        shell("echo out; echo first >&2; echo last >&2; exit 3").run(Duration.ofMinutes(1));
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.complaint()).isEqualTo("first / last");
    assertThat(shell("echo out").text(Duration.ofMinutes(1))).isEqualTo("out\n");
  }

  @Test
  void aProgramThatTakesTooLongIsEnded() throws Exception {
    ToolRun.Outcome outcome = shell("sleep 600; echo never").run(Duration.ofMillis(300));
    assertThat(outcome.timedOut()).isTrue();
    assertThat(outcome.took()).isLessThan(Duration.ofSeconds(30));
  }

  /// What watches over a program's end is gone with it, and does not sleep its time out.
  @Test
  @Timeout(120)
  void ofAProgramThatWasEndedNothingLivesOn() throws Exception {
    String mark = "mark-" + System.nanoTime();
    for (int i = 0; i < 10; i++) {
      Thread run = Thread.ofPlatform().start(() -> runInterrupted(mark));
      Thread.sleep(200);
      run.interrupt();
      run.join();
    }
    Thread.sleep(1000);
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      assertThat(processes.filter(process -> readable(process.resolve("environ")).contains(mark)))
          .isEmpty();
    }
  }

  private static void runInterrupted(String mark) {
    try {
      shell("exec sleep 1000").environment(Map.of("MARK", mark)).run(Duration.ofMinutes(10));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      // asked for
    }
  }

  private static String readable(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // no process, or one that has ended meanwhile
    }
  }
}
