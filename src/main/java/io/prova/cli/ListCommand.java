package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.base.Durations;
import io.prova.base.Message;
import io.prova.catalog.Backup;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.TrashNote;
import io.prova.retention.RetentionPlan;
import io.prova.retention.RetentionPlan.Decision;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova list`.
@Command(
    name = "list",
    description = "List the backups: kind, size, age, proof, and how long they are kept.")
final class ListCommand extends Subcommand {

  @Option(names = "--trash", description = "List what lies in the trash and can be brought back.")
  private boolean trash;

  @Override
  int run(Session session) throws IOException {
    for (Cluster cluster : session.clusters()) {
      if (session.clusters().size() > 1) {
        session.output().text(session.output().bold(cluster.name()));
      }
      if (trash) {
        listTrash(session, cluster);
      } else {
        list(session, cluster);
      }
    }
    return 0;
  }

  private static void list(Session session, Cluster cluster) throws IOException {
    Output output = session.output();
    // What retention says does not need the server here: nothing is removed by a listing.
    RetentionPlan plan = Retention.preview(session, cluster);
    Instant now = session.surroundings().clock().instant();
    List<List<String>> rows = new ArrayList<>();
    for (Decision decision : plan.decisions()) {
      rows.add(row(session, decision, now));
    }
    if (rows.isEmpty()) {
      output.line(message("no backups in {0}", cluster.settings().repository()));
    } else {
      output.table(
          words(
              session,
              message("LABEL"),
              message("KIND"),
              message("SIZE"),
              message("TOOK"),
              message("AGE"),
              message("PROOF"),
              message("KEPT")),
          rows);
    }
    List<Message> doubts = cluster.repository().catalog().list().doubts();
    doubts.forEach(output::warn);
    output.json(
        "prova.list.v1",
        Map.of(
            "cluster",
            cluster.name(),
            "backups",
            plan.decisions().stream().map(Views.BackupView::of).toList(),
            "doubts",
            doubts));
  }

  static List<String> words(Session session, Message... headings) {
    return java.util.Arrays.stream(headings)
        .map(each -> each.in(session.output().language()))
        .toList();
  }

  private static List<String> row(Session session, Decision decision, Instant now) {
    Output output = session.output();
    Entry entry = decision.entry();
    Backup backup = entry.backup();
    return List.of(
        backup.label().text(),
        backup.kind().word().in(output.language()),
        backup.stored().in(output.language()),
        Durations.in(output.language(), Duration.between(backup.started(), backup.finished())),
        Durations.in(output.language(), Duration.between(backup.consistentAt(), now)),
        Views.proof(entry, output),
        kept(session, decision).in(output.language()));
  }

  /// The day until which it is kept, or the rule that keeps it without one.
  static Message kept(Session session, Decision decision) {
    if (!decision.isKept()) {
      return message("goes with the next expiry");
    }
    Optional<LocalDate> until =
        decision
            .until()
            .map(instant -> instant.atZone(session.wiring().settings().zone()).toLocalDate());
    List<Message> reasons = decision.reasons();
    boolean more = reasons.size() > 1 || until.isEmpty();
    // A pin is a person's word, so it is shown before any rule.
    Message last = decision.entry().pin().isPresent() ? reasons.getFirst() : reasons.getLast();
    if (until.isEmpty()) {
      return last;
    }
    return more
        ? message("until {0}; {1}", until.get().toString(), last)
        : message("until {0}", until.get().toString());
  }

  private static void listTrash(Session session, Cluster cluster) throws IOException {
    Output output = session.output();
    var contents = cluster.repository().trash().contents();
    List<List<String>> rows = new ArrayList<>();
    for (TrashNote note : contents.notes()) {
      Instant end =
          note.trashedAt()
              .plus(
                  cluster
                      .settings()
                      .retention()
                      .getOrDefault(note.kind(), io.prova.retention.RetentionPolicy.DEFAULTS)
                      .undoWindow());
      rows.add(
          List.of(
              note.label().text(),
              note.kind().word().in(output.language()),
              note.trashedAt().atZone(session.wiring().settings().zone()).toLocalDate().toString(),
              end.atZone(session.wiring().settings().zone()).toLocalDate().toString()));
    }
    if (rows.isEmpty()) {
      output.line(message("the trash is empty"));
    } else {
      output.table(
          words(
              session,
              message("LABEL"),
              message("KIND"),
              message("TRASHED"),
              message("REMOVED FOR GOOD")),
          rows);
    }
    contents
        .withoutNote()
        .forEach(path ->
            output.warn(message("{0} is in the trash without a note; it is not removed", path)));
    output.json("prova.trash.v1", Map.of("cluster", cluster.name(), "trash", contents.notes()));
  }
}
