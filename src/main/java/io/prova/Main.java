package io.prova;

import io.prova.app.Surroundings;
import io.prova.app.Trouble;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.cli.CommandLineFactory;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The program's entry: parses, runs, ends with the operation's exit code.
public final class Main {

  /// After SIGTERM, how long a running operation may take to end cleanly.
  private static final int SECONDS_TO_END = 30;

  private Main() {}

  public static void main(String[] args) throws IOException {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream error =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    Thread worker = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(worker, ended)));
    int exitCode = Failure.INTERNAL.exitCode();
    try {
      exitCode = run(args, Surroundings.ofProcess(), out, error);
    } finally {
      ended.complete(exitCode);
    }
    System.exit(exitCode);
  }

  /// A signal interrupts the operation, which then ends its programs, leaves nothing half-made, and
  /// says so in the journal. The exit code is the operation's: without the halt it would be the
  /// signal's.
  private static void end(Thread worker, CompletableFuture<Integer> ended) {
    if (ended.isDone()) {
      return;
    }
    worker.interrupt();
    int exitCode = Failure.INTERRUPTED.exitCode();
    try {
      exitCode = ended.get(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      // it hangs: what it started ends with us
    }
    Runtime.getRuntime().halt(exitCode);
  }

  /// @return the exit code, see docs/exit-codes.md
  public static int run(
      String[] args, Surroundings surroundings, PrintStream out, PrintStream error) {
    Locale.setDefault(Locale.ROOT);
    // Libraries' own messages are not for users; what matters of them comes back as exceptions.
    Logger.getLogger("").setLevel(Level.OFF);
    try {
      return CommandLineFactory.forArguments(surroundings, out, error, args).execute(args);
    } catch (OutOfMemoryError e) {
      // It came where nobody could handle it; what was held is free again by now.
      OperationFailed failed = Trouble.of(e);
      error.println(failed.problem());
      failed.hint().ifPresent(error::println);
      return failed.failure().exitCode();
    }
  }
}
