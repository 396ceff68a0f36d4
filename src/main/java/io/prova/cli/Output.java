package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Json;
import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Speaks to whoever called: text in the user's language, or JSON, one object a line.
///
/// With `--json` the standard output holds nothing else: events while the command runs
/// (`prova.event.v1`), in the end the result (`prova.<command>.v1`) or the error
/// (`prova.error.v1`).
public final class Output implements Consumer<Event> {

  private final PrintStream out;
  private final PrintStream error;
  private final Language language;
  private final Terminal terminal;
  private final boolean json;
  private final boolean quiet;
  private final Redactor redactor;
  private final ProgressLine progress;

  Output(
      PrintStream out,
      PrintStream error,
      Language language,
      Terminal terminal,
      boolean json,
      boolean quiet,
      Redactor redactor) {
    this.out = out;
    this.error = error;
    this.language = language;
    this.terminal = terminal;
    this.json = json;
    this.quiet = quiet || terminal.unattended();
    this.redactor = redactor;
    this.progress =
        new ProgressLine(error, language, terminal.errorIsTerminal() && !json && !quiet);
  }

  boolean isJson() {
    return json;
  }

  Language language() {
    return language;
  }

  /// A line of the answer that was asked for.
  void line(Message message) {
    text(message.in(language));
  }

  void text(String line) {
    progress.clear();
    if (!json) {
      out.println(redactor.redact(line));
    }
  }

  void blank() {
    text("");
  }

  /// A line that tells of success. Nobody needs it where nobody looks.
  void done(Message message) {
    if (!quiet) {
      line(message);
    }
  }

  /// The result, for machines.
  ///
  /// @param schema such as `prova.list.v1`
  void json(String schema, Object result) {
    if (json) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("schema", schema);
      object.put("result", result);
      out.println(redactor.redact(Json.LINE.writeValueAsString(object)));
    }
  }

  void failed(OperationFailed failed) {
    progress.clear();
    if (json) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("schema", "prova.error.v1");
      object.put("failure", failed.failure().name());
      object.put("exit_code", failed.failure().exitCode());
      object.put("problem", failed.problem());
      failed.hint().ifPresent(hint -> object.put("hint", hint));
      out.println(redactor.redact(Json.LINE.writeValueAsString(object)));
      return;
    }
    error.println(
        redactor.redact(
            errorStyle("31;1", message("error").in(language))
                + ": "
                + failed.problem().in(language)));
    failed.hint().ifPresent(hint -> error.println(redactor.redact("  " + hint.in(language))));
  }

  void warn(Message warning) {
    progress.clear();
    if (!json) {
      error.println(
          redactor.redact(
              errorStyle("33", message("warning").in(language)) + ": " + warning.in(language)));
    }
  }

  /// @param code of ANSI's "select graphic rendition"
  private String style(String code, String text) {
    return terminal.colours() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private String errorStyle(String code, String text) {
    return terminal.errorColours() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  String good(String text) {
    return style("32", text);
  }

  String bad(String text) {
    return style("31;1", text);
  }

  String open(String text) {
    return style("33", text);
  }

  String bold(String text) {
    return style("1", text);
  }

  @Override
  public void accept(Event event) {
    if (json) {
      eventAsJson(event);
      return;
    }
    switch (event) {
      case Event.StepStarted(var step) -> progress.step(step);
      case Event.Progress(var done, var total) -> progress.progress(done, total);
      case Event.Warned(var warning) -> warn(warning);
      case Event.Noted _, Event.ToolSaid _ -> {}
    }
  }

  private void eventAsJson(Event event) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("schema", "prova.event.v1");
    switch (event) {
      case Event.StepStarted(var step) -> {
        object.put("event", "step");
        object.put("text", step);
      }
      case Event.Progress(var done, var total) -> {
        if (!progress.isDue()) {
          return;
        }
        object.put("event", "progress");
        object.put("bytes", done);
        total.ifPresent(bytes -> object.put("total_bytes", bytes));
      }
      case Event.Warned(var warning) -> {
        object.put("event", "warning");
        object.put("text", warning);
      }
      case Event.Noted(var note) -> {
        object.put("event", "note");
        object.put("text", note);
      }
      case Event.ToolSaid(var tool, var line) -> {
        object.put("event", "tool");
        object.put("tool", tool);
        object.put("text", line);
      }
    }
    out.println(redactor.redact(Json.LINE.writeValueAsString(object)));
  }

  /// Prints rows in columns as wide as they need.
  void table(List<String> headings, List<List<String>> rows) {
    int[] widths = new int[headings.size()];
    List<List<String>> all = new ArrayList<>(List.of(headings));
    all.addAll(rows);
    for (List<String> row : all) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    for (int r = 0; r < all.size(); r++) {
      StringBuilder line = new StringBuilder();
      List<String> row = all.get(r);
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        line.append(cell);
        if (i < row.size() - 1) {
          line.append(" ".repeat(widths[i] - width(cell) + 2));
        }
      }
      text(r == 0 ? bold(line.toString().stripTrailing()) : line.toString().stripTrailing());
    }
  }

  /// As seen, without escapes.
  private static int width(String text) {
    String seen = text.replaceAll("\u001b\\[[0-9;]*m", "");
    return seen.codePointCount(0, seen.length());
  }

  void close() {
    progress.clear();
    out.flush();
    error.flush();
  }
}
