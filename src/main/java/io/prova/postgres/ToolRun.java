package io.prova.postgres;

import io.prova.base.Redactor;
import io.prova.base.TaskGroup;
import java.io.BufferedReader;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of another program: clean environment, bounded time, its output streamed, its errors
/// kept.
///
/// The program dies with us, even when we are killed with SIGKILL: it runs below a small shell that
/// holds the reading end of a pipe from this process and ends the program when the pipe closes.
public final class ToolRun {

  /// What is left of a run.
  ///
  /// @param timedOut the time limit ended it; the exit code then says nothing
  /// @param lastLines the end of its error output, secrets taken out
  public record Outcome(int exitCode, boolean timedOut, List<String> lastLines, Duration took) {

    public boolean succeeded() {
      return exitCode == 0 && !timedOut;
    }

    /// Whether it failed for want of room on a disk: its own, or the server's.
    public boolean lackedSpace() {
      return lastLines.stream().anyMatch(line -> line.contains("No space left on device"));
    }

    /// Its last words, on one line.
    public String complaint() {
      return lastLines.isEmpty() ? "exit code " + exitCode : String.join(" / ", lastLines);
    }
  }

  /// Consumes a program's standard output until its end.
  @FunctionalInterface
  public interface Reader {
    void read(InputStream standardOutput) throws IOException;
  }

  /// Feeds a program's standard input. When it fails the program is ended, so that it does not take
  /// the part it got for the whole.
  @FunctionalInterface
  public interface Writer {
    void write(OutputStream standardInput) throws IOException;
  }

  private static final int KEPT_LINES = 20;
  private static final int LONGEST_LINE = 2000;

  /// Characters of error output that a listener hears: a day of pg_basebackup's progress is a third
  /// of it, and a program gone wild must not fill the log's disk.
  private static final long MOST_HEARD = 16L * 1024 * 1024;

  private static final Duration READERS_GRACE = Duration.ofSeconds(10);

  /// How often a program that is being ended is looked at.
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  /// What a program may see of our environment; nothing else of it can then change what the program
  /// does.
  private static final List<String> INHERITED =
      List.of(
          "PATH",
          "HOME",
          "TMPDIR",
          "TZ",
          "KRB5CCNAME",
          "KRB5_CONFIG",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR");

  /// `$1` is the signal that ends the program, `$2` what to remove if we die before it; the rest is
  /// its command. The program gets an empty input. File descriptor 3 is the pipe from us: it ends
  /// when we are done, or dead.
  private static final String DIES_WITH_US =
      """
      signal=$1; leftover=$2; shift 2
      umask 077 # what a program writes by itself, a dump in directory format, is private too
      exec 3<&0
      group=$(command -v setsid) # what the program starts has its group, and ends with it if it fails
      $group "$@" </dev/null 3<&- &
      child=$!
      trap '' PIPE # with us gone, its own last words must not kill the shell before it has cleaned up
      trap 'kill -$signal $child 2>/dev/null' TERM INT HUP
      {
        read -r _ <&3
        kill -$signal $child
        looks=0 # short sleeps, for the one that is going on when this watcher is ended lives on
        while [ $looks -lt 100 ] && kill -0 $child; do sleep 0.1; looks=$((looks + 1)); done
        kill -s KILL -- ${group:+-}$child
      } >/dev/null 2>&1 &
      watcher=$!
      exec 3<&-
      wait $child
      code=$?
      while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
      kill $watcher 2>/dev/null
      if [ $code != 0 ] && [ -n "$group" ]; then kill -s KILL -- -$child 2>/dev/null; fi
      read -r _ _ _ parent _ </proc/$$/stat
      if [ -n "$leftover" ] && [ "$parent" != "$PPID" ]; then rm -rf "$leftover"; fi
      exit $code
      """;

  private final List<String> command;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final Redactor redactor;
  private Consumer<String> onErrorLine = line -> {};
  private @Nullable Path directory;
  private List<String> prefix = List.of();
  private @Nullable Writer input;
  private String endSignal = "TERM";
  private String leftover = "";
  private Duration grace = Duration.ofSeconds(10);

  public ToolRun(Redactor redactor, Path program, List<String> arguments) {
    this.redactor = redactor;
    this.command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
  }

  public ToolRun environment(Map<String, String> variables) {
    environment.putAll(variables);
    return this;
  }

  /// @param words written before the command, for example [OsUser#commandPrefix]
  public ToolRun prefix(List<String> words) {
    prefix = List.copyOf(words);
    return this;
  }

  public ToolRun directory(Path where) {
    directory = where;
    return this;
  }

  /// Called with every line of the error output as it comes, secrets taken out.
  public ToolRun onErrorLine(Consumer<String> listener) {
    onErrorLine = listener;
    return this;
  }

  /// What the program reads. Without it its input is empty.
  public ToolRun input(Writer writer) {
    input = writer;
    return this;
  }

  /// The signal that asks the program to end; TERM unless said otherwise.
  public ToolRun endSignal(String name) {
    endSignal = name;
    return this;
  }

  /// How long the program may take to end when asked, before it is killed.
  public ToolRun grace(Duration duration) {
    grace = duration;
    return this;
  }

  /// What is removed, with everything below it, if we die while the program runs.
  public ToolRun removeIfWeDie(Path directory) {
    leftover = directory.toAbsolutePath().toString();
    return this;
  }

  /// Runs to the end and throws the output away.
  public Outcome run(Duration limit) throws IOException, InterruptedException {
    return run(limit, out -> out.transferTo(OutputStream.nullOutputStream()));
  }

  /// Runs to the end and returns the whole (small) standard output.
  public String text(Duration limit) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    Outcome outcome =
        run(limit, out -> text.append(new String(out.readAllBytes(), StandardCharsets.UTF_8)));
    if (!outcome.succeeded()) {
      throw new IOException(command.getFirst() + " failed: " + outcome.complaint());
    }
    return text.toString();
  }

  /// Runs to the end; `reader` gets the standard output. When `reader` fails the program is ended
  /// and the failure passed on.
  ///
  /// @param limit after which the program is ended and the outcome says so
  public Outcome run(Duration limit, Reader reader) throws IOException, InterruptedException {
    long started = System.nanoTime();
    Process process = start();
    Deque<String> lastLines = new ArrayDeque<>();
    AtomicBoolean timedOut = new AtomicBoolean();
    AtomicReference<@Nullable IOException> feedFailure = new AtomicReference<>();
    ProgramsInput standardInput = new ProgramsInput(process.getOutputStream());
    AtomicReference<@Nullable RuntimeException> listenerFailure = new AtomicReference<>();
    Thread errors = Thread.ofVirtual().start(() -> readErrors(process, lastLines, listenerFailure));
    Thread feeder = Thread.ofVirtual().start(() -> feed(process, standardInput, feedFailure));
    Thread watch = Thread.ofVirtual().start(() -> endAfter(process, limit, timedOut));
    try (TaskGroup group = TaskGroup.ofWaiters()) {
      // Reading a pipe cannot be interrupted; waiting for the one who reads can.
      Future<Void> output = group.submit(() -> readOutput(process, reader));
      try {
        TaskGroup.join(output);
        process.waitFor();
      } catch (IOException e) {
        // Ending the program closes its pipes under the reader's hands: why it was ended counts.
        IOException unfed = feedFailure.get();
        if (unfed != null && !standardInput.refused) {
          unfed.addSuppressed(e);
          throw unfed;
        }
        if (!timedOut.get()) {
          throw e;
        }
      } finally {
        if (process.isAlive()) {
          end(process); // and with it the pipe that is being read
        }
      }
    } finally {
      watch.interrupt();
      feeder.interrupt();
      closeInput(process);
    }
    watch.join();
    feeder.join(READERS_GRACE);
    errors.join(READERS_GRACE);
    IOException unfed = feedFailure.get();
    if (unfed != null && (process.exitValue() == 0 || !standardInput.refused)) {
      // It ended well without having read what it was given; or what it was to be given could not
      // be had, and its own end says nothing.
      throw unfed;
    }
    RuntimeException unheard = listenerFailure.get();
    if (unheard != null) {
      throw unheard;
    }
    synchronized (lastLines) {
      return new Outcome(
          process.exitValue(),
          timedOut.get(),
          List.copyOf(lastLines),
          Duration.ofNanos(System.nanoTime() - started));
    }
  }

  private static Void readOutput(Process process, Reader reader) throws IOException {
    try (InputStream out = process.getInputStream()) {
      reader.read(out);
    }
    return null;
  }

  private Process start() throws IOException {
    List<String> words = new ArrayList<>(prefix);
    if (input == null) {
      words.addAll(List.of("sh", "-c", DIES_WITH_US, "sh", endSignal, leftover));
    }
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words);
    Map<String, String> inherited = Map.copyOf(builder.environment());
    builder.environment().clear();
    for (String name : INHERITED) {
      String value = inherited.get(name);
      if (value != null) {
        builder.environment().put(name, value);
      }
    }
    // Messages of the tools are parsed here and there: English, and UTF-8 for names.
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    return builder.start();
  }

  /// Reads to the end whatever the listener does: a full pipe would stop the program.
  private void readErrors(
      Process process,
      Deque<String> lastLines,
      AtomicReference<@Nullable RuntimeException> listenerFailure) {
    try (Lines lines = new Lines(process.getErrorStream())) {
      long heard = 0;
      for (String line = lines.next(); line != null; line = lines.next()) {
        String clean = redactor.redact(line);
        synchronized (lastLines) {
          if (lastLines.size() == KEPT_LINES) {
            lastLines.removeFirst();
          }
          lastLines.addLast(clean);
        }
        if (heard > MOST_HEARD) {
          continue;
        }
        heard += clean.length() + 1;
        try {
          onErrorLine.accept(heard > MOST_HEARD ? "(what it said further is left out)" : clean);
        } catch (RuntimeException e) {
          listenerFailure.compareAndSet(null, e);
        }
      }
    } catch (IOException e) {
      // The program is gone and its output with it; what was read is kept.
    }
  }

  /// Knows whether it was the program that wanted no more.
  private static final class ProgramsInput extends FilterOutputStream {

    private volatile boolean refused;

    ProgramsInput(OutputStream pipe) {
      super(pipe);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      try {
        out.write(buffer, offset, length);
      } catch (IOException e) {
        refused = true;
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      try {
        out.close();
      } catch (IOException e) {
        refused = true;
        throw e;
      }
    }
  }

  /// The lines of a program's error output, cut at [#LONGEST_LINE] whatever the program writes.
  private static final class Lines implements AutoCloseable {

    private final BufferedReader in;

    Lines(InputStream from) {
      in = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8));
    }

    /// The next line, or null at the end.
    @Nullable String next() throws IOException {
      int first = in.read();
      if (first < 0) {
        return null;
      }
      StringBuilder line = new StringBuilder();
      for (int c = first; c >= 0 && c != '\n' && c != '\r'; c = in.read()) {
        if (line.length() < LONGEST_LINE) {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private void feed(
      Process process,
      ProgramsInput standardInput,
      AtomicReference<@Nullable IOException> failure) {
    if (input == null) {
      return; // the pipe stays open: its end tells the shell around the program that we are gone
    }
    try {
      input.write(standardInput);
      standardInput.close();
    } catch (IOException e) {
      failure.set(e);
      process.destroyForcibly(); // before its input is closed: an early end of input must not look
      // like the end
    }
  }

  private static void closeInput(Process process) {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // the program is gone, and what was buffered for it concerns nobody
    }
  }

  private void endAfter(Process process, Duration limit, AtomicBoolean timedOut) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        timedOut.set(true);
        end(process);
      }
    } catch (InterruptedException e) {
      // the run is over
    }
  }

  /// Asks the program to end, and after a grace period makes it.
  private void end(Process process) {
    // Looked at again and again: what a program starts while it is being ended belongs to it too.
    Set<ProcessHandle> family = new HashSet<>();
    process.descendants().forEach(family::add);
    process.destroy();
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + grace.toNanos();
    try {
      while (!process.waitFor(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(family::add);
        if (System.nanoTime() > deadline) {
          process.destroyForcibly();
          process.waitFor();
        }
      }
    } catch (InterruptedException e) {
      interrupted = true;
      process.descendants().forEach(family::add);
      process.destroyForcibly();
    }
    family.forEach(ProcessHandle::destroyForcibly);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
