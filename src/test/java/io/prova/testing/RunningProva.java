package io.prova.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One run of the real program.
public final class RunningProva {

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Process process;
  private final Path output;
  private final long started = System.nanoTime();

  private RunningProva(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /// @param output what it printed, of both kinds
  public record Result(int exitCode, String output, Duration took) {

    public boolean says(String text) {
      return output.contains(text);
    }
  }

  static RunningProva start(List<String> words, Path directory) throws IOException {
    // A file, not a pipe: whoever it leaves behind would keep a pipe open.
    Path output = Files.createTempFile(directory, "run-", ".out");
    // Tests that run in the background of a shell ignore SIGINT, and would hand that down.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("PROVA_CONFIG");
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process =
        builder
            .directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new RunningProva(process, output);
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// @param name such as `TERM` or `KILL`
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /// Lets it run for so long, unless it ends before, then kills it as `kill -9` does.
  ///
  /// @return whether it was alive until then
  public boolean killAfter(Duration delay) throws InterruptedException {
    boolean ended = process.waitFor(delay.toNanos(), TimeUnit.NANOSECONDS);
    process.destroyForcibly();
    process.waitFor();
    return !ended;
  }

  public String output() throws IOException {
    return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
  }

  /// Waits until its output holds `text`, or it has ended.
  public void awaitOutput(String text) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (process.isAlive() && !output().contains(text) && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
  }

  public Result await() throws IOException, InterruptedException {
    return await(LIMIT);
  }

  /// Waits for its end; what takes longer than `limit` fails the test.
  public Result await(Duration limit) throws IOException, InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("no end after " + limit + ": " + output());
    }
    return new Result(process.exitValue(), output(), Duration.ofNanos(System.nanoTime() - started));
  }
}
