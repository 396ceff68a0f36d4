package io.prova;

import io.prova.app.Surroundings;
import io.prova.cli.CommandLineFactory;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    CountDownLatch ended = new CountDownLatch(1);
    Thread worker = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(worker, ended)));
    int exitCode = run(args, Surroundings.ofProcess(), out, error);
    ended.countDown();
    System.exit(exitCode);
  }

  /// A signal interrupts the operation, which then ends its programs, leaves nothing half-made, and
  /// says so in the journal.
  private static void end(Thread worker, CountDownLatch ended) {
    if (ended.getCount() == 0) {
      return;
    }
    worker.interrupt();
    try {
      boolean _ = ended.await(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return the exit code, see docs/exit-codes.md
  public static int run(
      String[] args, Surroundings surroundings, PrintStream out, PrintStream error) {
    Locale.setDefault(Locale.ROOT);
    // Libraries' own messages are not for users; what matters of them comes back as exceptions.
    Logger.getLogger("").setLevel(Level.OFF);
    return CommandLineFactory.create(surroundings, out, error).execute(args);
  }
}
