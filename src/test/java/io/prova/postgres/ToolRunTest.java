package io.prova.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Redactor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
}
