package io.prova.alert;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Takes out of PostgreSQL's messages what may be data of the user's tables: an alert goes through
/// mailboxes and chat rooms that have no right to see a row.
///
/// PostgreSQL writes values into DETAIL (`Key (cpf)=(123) already exists`), CONTEXT (`COPY t, line
/// 3: "…"`), STATEMENT and QUERY, and quotes them in some errors (`invalid input syntax for type
/// integer: "…"`). Those forms are known here, in English and in Portuguese; what a function of the
/// user raises can say anything.
final class RowFilter {

  private static final String LEFT_OUT = "…";

  private static final Pattern TELLING_FIELD =
      Pattern.compile(
          "\\b(DETAIL|CONTEXT|STATEMENT|QUERY|LINE [0-9]+|detail|Query was|Command was"
              + "|DETALHE|CONTEXTO|COMANDO|CONSULTA|LINHA [0-9]+|detalhe): *(.*)");

  /// Where in a COPY it happened is no data, and the first thing one wants to know.
  private static final Pattern PLACE_IN_COPY =
      Pattern.compile("COPY [^\":]+, (?:line|linha) [0-9]+(?:, (?:column|coluna) [^:\"]+)?");

  private record Masked(Pattern found, String by) {}

  private static final List<Masked> VALUES =
      List.of(
          new Masked(
              Pattern.compile("(?<=[\\p{Ll})])(?<!error|warning|fatal|hint|erro|aviso): +\".*"),
              ": \"" + LEFT_OUT + "\""),
          new Masked(
              Pattern.compile("\\b(value|valor|at or near|em ou próximo a) \".*\""),
              "$1 \"" + LEFT_OUT + "\""),
          new Masked(Pattern.compile("(invalid command \\\\).*"), "$1" + LEFT_OUT));

  /// What a message begins with; any other line may continue a value.
  private static final Pattern BEGINNING =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2} .*"
              + "|(?:[^ :]+: ?){0,4}(?:ERROR|FATAL|PANIC|WARNING|LOG|NOTICE|INFO|HINT|DETAIL|CONTEXT"
              + "|STATEMENT|QUERY|error|warning|fatal|hint|detail|ERRO|AVISO|DICA|DETALHE|CONTEXTO"
              + "|COMANDO|CONSULTA|erro|aviso|dica|detalhe):.*");

  private RowFilter() {}

  /// @param text of one or more lines; a line may hold several messages, separated by ` / `
  static String withoutRows(String text) {
    List<String> lines = new ArrayList<>();
    boolean open = false;
    for (String line : text.lines().toList()) {
      if (open && !BEGINNING.matcher(line).matches()) {
        continue; // the value had a line end in it
      }
      List<String> messages = new ArrayList<>();
      for (String message : line.split(" / ", -1)) {
        messages.add(withoutValues(message));
      }
      String last = messages.getLast();
      open = last.endsWith(LEFT_OUT) || last.endsWith(LEFT_OUT + "\"");
      lines.add(String.join(" / ", messages));
    }
    return String.join("\n", lines);
  }

  private static String withoutValues(String message) {
    Matcher field = TELLING_FIELD.matcher(message);
    if (field.find()) {
      Matcher place = PLACE_IN_COPY.matcher(field.group(2));
      String kept = place.lookingAt() ? place.group() + " " : "";
      return message.substring(0, field.start(2)) + kept + LEFT_OUT;
    }
    String safe = message;
    for (Masked value : VALUES) {
      safe = value.found().matcher(safe).replaceAll(value.by());
    }
    return safe;
  }
}
