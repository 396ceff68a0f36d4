package io.prova.app;

import io.prova.base.Event;
import io.prova.base.Redactor;
import io.prova.storage.DurableFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The readable log of operations: one file a month, one line an event, for whoever looks at 3 a.m.
/// The journal is the record; this is the story.
final class OperationLog implements Consumer<Event>, AutoCloseable {

  private static final DateTimeFormatter MONTH =
      DateTimeFormatter.ofPattern("yyyy-MM").withZone(ZoneOffset.UTC);
  private static final int KEPT_LINES = 30;

  private final String prefix;
  private final InstantSource clock;
  private final Redactor redactor;
  private final @Nullable BufferedWriter out;
  private final Deque<String> lastLines = new ArrayDeque<>();

  private OperationLog(
      String prefix, InstantSource clock, Redactor redactor, @Nullable BufferedWriter out) {
    this.prefix = prefix;
    this.clock = clock;
    this.redactor = redactor;
    this.out = out;
  }

  /// A log that cannot be written must not hinder a backup: then only the last lines are kept, in
  /// memory.
  static OperationLog open(
      Path stateDirectory,
      String cluster,
      String operation,
      InstantSource clock,
      Redactor redactor) {
    BufferedWriter out = null;
    try {
      Path directory = stateDirectory.resolve("logs");
      DurableFiles.createDirectories(directory);
      Path file = directory.resolve("prova-" + MONTH.format(clock.instant()) + ".log");
      if (!Files.exists(file)) {
        DurableFiles.openNew(file).close();
      }
      out = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    } catch (IOException e) {
      // told by the missing file; prova check looks at the state directory
    }
    return new OperationLog(cluster + " " + operation, clock, redactor, out);
  }

  @Override
  public void accept(Event event) {
    switch (event) {
      case Event.StepStarted(var step) -> write("", step.toString());
      case Event.Noted(var note) -> write("", note.toString());
      case Event.Warned(var warning) -> write("WARNING: ", warning.toString());
      case Event.ToolSaid(var tool, var line) -> write(tool + "| ", line);
      case Event.Progress _ -> {}
    }
  }

  synchronized void write(String mark, String text) {
    String line =
        clock.instant().truncatedTo(ChronoUnit.MILLIS)
            + " "
            + prefix
            + " "
            + mark
            + redactor.redact(text).replace('\n', ' ');
    if (lastLines.size() == KEPT_LINES) {
      lastLines.removeFirst();
    }
    lastLines.addLast(line);
    if (out == null) {
      return;
    }
    try {
      out.write(line);
      out.newLine();
      out.flush();
    } catch (IOException e) {
      // a full disk: the operation itself will say so
    }
  }

  synchronized List<String> lastLines() {
    return List.copyOf(lastLines);
  }

  @Override
  public void close() {
    if (out != null) {
      try {
        out.close();
      } catch (IOException e) {
        // nothing is buffered: every line was flushed
      }
    }
  }
}
