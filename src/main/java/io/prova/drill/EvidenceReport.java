package io.prova.drill;

import static io.prova.base.Message.message;

import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.catalog.Backup;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/// A drill's evidence as one page of HTML that prints well, needs nothing from elsewhere, and shows
/// whatever text it is given as text.
final class EvidenceReport {

  private static final String STYLE =
      """
      body{font:11pt/1.45 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
      h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem;border-bottom:1px solid #bbb}
      table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
      th{font-weight:600;width:14rem}.verdict{font-size:1.25rem;font-weight:700;padding:.5rem .8rem;margin:1rem 0;color:#fff}
      .good{background:#17692f}.bad{background:#a3141e}.open{background:#8a5a00}
      ul{margin:.2rem 0 .2rem 1.2rem;padding:0}.o{white-space:nowrap;font-weight:600}footer{margin-top:2rem;font-size:9pt;color:#555}
      @media print{body{margin:0;max-width:none}.verdict{-webkit-print-color-adjust:exact;print-color-adjust:exact}h2{break-after:avoid}}
      """;

  private final Language language;
  private final ZoneId zone;
  private final StringBuilder out = new StringBuilder();

  private EvidenceReport(Language language, ZoneId zone) {
    this.language = language;
    this.zone = zone;
  }

  static String html(Evidence evidence, Language language, ZoneId zone) {
    return new EvidenceReport(language, zone).render(evidence);
  }

  private String render(Evidence evidence) {
    Backup backup = evidence.backup();
    Message title = message("Restore test of backup {0}", backup.label().toString());
    out.append("<!DOCTYPE html>\n<html lang=\"")
        .append(language == Language.PORTUGUESE ? "pt-BR" : "en");
    out.append("\"><head><meta charset=\"utf-8\"><title>")
        .append(text(title))
        .append("</title><style>\n");
    out.append(STYLE).append("</style></head><body>\n<h1>").append(text(title)).append("</h1>\n");
    verdict(evidence);
    heading(message("Backup"));
    out.append("<table>");
    row(message("cluster"), message("{0}", backup.cluster()));
    row(message("kind"), kind(backup));
    row(message("data of"), moment(backup.consistentAt()));
    row(message("size"), message("{0}, {1} {1|file|files}", backup.stored(), backup.files()));
    row(
        message("server"),
        message(
            "PostgreSQL {0}, system identifier {1}",
            backup.server().version().toString(), backup.systemIdentifier().toString()));
    row(message("backup id"), message("{0}", backup.id()));
    out.append("</table>\n");

    heading(message("Measured"));
    out.append("<table>");
    row(
        message("time to restore (RTO)"),
        evidence.restoreTime().isZero()
            ? message("not measured")
            : message("{0}", evidence.restoreTime()));
    row(message("age of the data (RPO)"), message("{0}", evidence.dataAge()));
    for (Evidence.Phase phase : evidence.phases()) {
      row(phase.name(), message("{0}", phase.took()));
    }
    out.append("</table>\n");

    heading(message("Checks"));
    out.append("<table>");
    for (DrillCheck check : evidence.checks()) {
      out.append("<tr><th>")
          .append(text(check.name()))
          .append("</th><td class=\"o\">")
          .append(text(outcome(check.outcome())));
      out.append("</td><td>").append(text(check.summary()));
      list(check.details());
      out.append("</td></tr>\n");
    }
    out.append("</table>\n");

    heading(message("How it was done"));
    out.append("<table>");
    row(message("begun"), moment(evidence.started()));
    row(message("ended"), moment(evidence.finished()));
    row(
        message("by"),
        message(
            "{0} on {1}, Prova {2}, operation {3}",
            evidence.who(), evidence.host(), evidence.provaVersion(), evidence.operation()));
    row(
        message("scratch server"),
        message(
            "PostgreSQL {0}",
            evidence.scratchVersion().isEmpty() ? "-" : evidence.scratchVersion()));
    out.append("<tr><th>").append(text(message("isolation"))).append("</th><td>");
    list(evidence.isolation());
    out.append("</td></tr></table>\n<table><tr><th>")
        .append(text(message("reviewed by")))
        .append("</th><td>______________________________</td><th>");
    out.append(text(message("date")))
        .append("</th><td>________________</td></tr></table>\n<footer>");
    out.append(
        text(
            message(
                "The JSON file beside this page holds the same facts with a digest; `prova journal verify` checks the log in which this test stands.")));
    return out.append("</footer></body></html>\n").toString();
  }

  private void verdict(Evidence evidence) {
    Message word =
        switch (evidence.verdict()) {
          case PROVEN -> message("PROVEN: restored, started, and its data is what it was");
          case STARTED -> message("STARTED: restored and started; its data could not be compared");
          case FAILED -> message("FAILED");
          case NOT_TESTED -> message("NOT TESTED: nothing is known");
        };
    String look =
        switch (evidence.verdict()) {
          case PROVEN -> "good";
          case FAILED -> "bad";
          case STARTED, NOT_TESTED -> "open";
        };
    out.append("<div class=\"verdict ")
        .append(look)
        .append("\">")
        .append(text(word))
        .append("</div>\n");
    list(evidence.reasons());
  }

  private void heading(Message title) {
    out.append("<h2>").append(text(title)).append("</h2>\n");
  }

  private void row(Message name, Message value) {
    out.append("<tr><th>")
        .append(text(name))
        .append("</th><td>")
        .append(text(value))
        .append("</td></tr>\n");
  }

  private void list(List<Message> items) {
    if (items.isEmpty()) {
      return;
    }
    out.append("<ul>");
    items.forEach(item -> out.append("<li>").append(text(item)).append("</li>"));
    out.append("</ul>");
  }

  private Message moment(Instant instant) {
    return message("{0}", instant.atZone(zone));
  }

  private static Message kind(Backup backup) {
    return switch (backup.kind()) {
      case LOGICAL -> message("logical (pg_dump)");
      case PHYSICAL -> message("physical (pg_basebackup)");
    };
  }

  private static Message outcome(DrillCheck.Outcome outcome) {
    return switch (outcome) {
      case PASSED -> message("passed");
      case FAILED -> message("failed");
      case NOT_TESTED -> message("not tested");
    };
  }

  private String text(Message message) {
    return message
        .in(language)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
