package io.prova.alert;

import io.prova.alert.Announcement.Kind;
import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.base.Text;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Writes what people read, at three in the morning: first what failed, where and when, then why,
/// what to type, and the log.
final class Letter {

  private static final int LONGEST_SUBJECT = 200;
  private static final int LONGEST_ERROR = 2000;
  private static final int MOST_LOG_LINES = 20;
  private static final int LONGEST_LOG_LINE = 300;

  private final Letterhead from;
  private final Redactor redactor;

  Letter(Letterhead from, Redactor redactor) {
    this.from = from;
    this.redactor = redactor;
  }

  /// One clause, for lists and subjects.
  String clause(Message what) {
    return cut(Text.visible(redactor.redact(spoken(what))), LONGEST_SUBJECT);
  }

  /// What is known of the incident, below the facts.
  String details(Incident incident) {
    List<String> lines = new ArrayList<>();
    incident
        .error()
        .ifPresent(error -> section(lines, Message.message("What is wrong"), text(error)));
    incident.hint().ifPresent(hint -> section(lines, Message.message("What may help"), text(hint)));
    if (!incident.commands().isEmpty()) {
      List<String> commands =
          incident.commands().stream().map(each -> Text.visible(redactor.redact(each))).toList();
      section(lines, Message.message("What to type"), commands);
    }
    List<String> log = log(incident.lastLines());
    if (!log.isEmpty()) {
      section(lines, Message.message("Last lines of the log"), log);
    }
    return String.join("\n", lines);
  }

  Announcement failure(Alert alert, String details) {
    boolean again = alert.times() > 1;
    Message subject =
        again
            ? Message.message(
                "[Prova] {0}: {1} (time {2} in a row)",
                alert.cluster(), alert.what(), alert.times())
            : Message.message("[Prova] {0}: {1}", alert.cluster(), alert.what());
    List<String> lines = failureFacts(alert);
    lines.add(details);
    lines.add("");
    lines.add(spoken(Message.message("You will hear when it works again.")));
    return announcement(again ? Kind.REPEATED : Kind.RAISED, alert, subject, lines);
  }

  Announcement escalation(Alert alert, String details) {
    List<String> lines = new ArrayList<>();
    lines.add(
        spoken(
            Message.message(
                "The backup team has known this since {0}, and it is not solved. It is now yours too.",
                at(alert.since()))));
    lines.add("");
    lines.addAll(failureFacts(alert));
    lines.add(details);
    return announcement(
        Kind.ESCALATED,
        alert,
        Message.message("[Prova] {0}: unsolved: {1}", alert.cluster(), alert.what()),
        lines);
  }

  Announcement resolution(Alert alert, String now, Instant at) {
    List<String> lines = facts(alert, now, at);
    lines.add("");
    lines.add(
        spoken(
            Message.message(
                "It had failed {0} {0|time|times} since {1}; the last time: {2}.",
                alert.times(), at(alert.since()), alert.what())));
    lines.add(spoken(Message.message("There is nothing to do.")));
    return announcement(
        Kind.RESOLVED, alert, Message.message("[Prova] {0}: {1}", alert.cluster(), now), lines);
  }

  Announcement test(Instant now) {
    Alert alert =
        new Alert(
            "test",
            "-",
            Severity.WARNING,
            Set.of(Audience.values()),
            now,
            now,
            1,
            Optional.empty(),
            spoken(Message.message("test alert")));
    return announcement(
        Kind.TEST,
        alert,
        Message.message("[Prova] test alert from {0}", from.host()),
        List.of(
            spoken(
                Message.message(
                    "This is a test: alerts of Prova on {0} reach you here. There is nothing to do.",
                    from.host())),
            "",
            spoken(Message.message("When: {0} ({1})", at(now), from.zone().getId()))));
  }

  /// What, where and when.
  private List<String> facts(Alert alert, String what, Instant at) {
    List<String> lines = new ArrayList<>();
    lines.add(what);
    lines.add("");
    lines.add(spoken(Message.message("Cluster: {0}, on {1}", alert.cluster(), from.host())));
    lines.add(spoken(Message.message("When: {0} ({1})", at(at), from.zone().getId())));
    return lines;
  }

  private List<String> failureFacts(Alert alert) {
    List<String> lines = facts(alert, alert.what(), alert.occurredAt());
    if (alert.times() > 1) {
      lines.add(
          spoken(
              Message.message("Failing: {0} times since {1}", alert.times(), at(alert.since()))));
    }
    lines.add(spoken(Message.message("Severity: {0}", alert.severity().word())));
    alert.operation().ifPresent(id -> lines.add(spoken(Message.message("Operation: {0}", id))));
    return lines;
  }

  private Announcement announcement(Kind kind, Alert alert, Message subject, List<String> lines) {
    return new Announcement(
        Announcement.SCHEMA,
        kind,
        alert.key(),
        alert.cluster(),
        alert.severity(),
        alert.audiences(),
        alert.occurredAt(),
        alert.since(),
        alert.times(),
        from.host(),
        alert.operation(),
        clause(subject),
        String.join("\n", lines) + "\n");
  }

  private void section(List<String> lines, Message title, List<String> content) {
    lines.add("");
    lines.add(spoken(title));
    content.forEach(line -> lines.add("  " + line));
  }

  private List<String> text(Message message) {
    return cut(RowFilter.withoutRows(redactor.redact(spoken(message))), LONGEST_ERROR)
        .lines()
        .map(Text::visible)
        .toList();
  }

  private List<String> log(List<String> lastLines) {
    // Secrets and values may go over several lines, so this comes before any cutting.
    List<String> lines =
        RowFilter.withoutRows(redactor.redact(String.join("\n", lastLines))).lines().toList();
    return lines.subList(Math.max(0, lines.size() - MOST_LOG_LINES), lines.size()).stream()
        .map(line -> cut(Text.visible(line), LONGEST_LOG_LINE))
        .collect(Collectors.toList());
  }

  private ZonedDateTime at(Instant instant) {
    return instant.atZone(from.zone());
  }

  private String spoken(Message message) {
    return message.in(from.language());
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest) + "…";
  }
}
