package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.retention.ExpireRun;
import io.prova.retention.RetentionPlan;
import io.prova.retention.RetentionPlan.Decision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova expire`.
@Command(
    name = "expire",
    description =
        "Move backups that no retention rule keeps to the trash, and empty it after the undo window.",
    footer = {
      "",
      "It runs by itself after each successful backup. Whatever the rules say, the newest backup of each kind that is proven stays; and in doubt (a damaged listing, a clock, a backup that looks wrong) everything stays.",
      "Exit code 50: nothing may go now, and why."
    })
final class ExpireCommand extends Subcommand {

  @Option(
      names = "--dry-run",
      description = "Show what would go and what stays, and why; do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    Output output = session.output();
    RetentionPlan plan;
    if (dryRun) {
      plan = session.operations().planExpire();
      show(session, plan);
    } else {
      ExpireRun.Result result = session.operations().expire(output);
      plan = result.plan();
      result
          .trashed()
          .forEach(label ->
              output.done(
                  message(
                      "{0} went to the trash; prova undelete {0} brings it back",
                      label.toString())));
      result
          .purged()
          .forEach(label -> output.done(message("{0} is removed for good", label.toString())));
      if (result.trashed().isEmpty() && result.purged().isEmpty() && plan.holds().isEmpty()) {
        output.done(message("nothing to expire"));
      }
    }
    plan.holds().forEach(output::warn);
    output.json(
        "prova.expire.v1",
        Map.of(
            "leaving", plan.leaving().stream().map(Views.BackupView::of).toList(),
            "kept", plan.kept().stream().map(Views.BackupView::of).toList(),
            "holds", plan.holds()));
    return plan.holds().isEmpty() ? 0 : Failure.RETENTION_HELD.exitCode();
  }

  private static void show(Session session, RetentionPlan plan) {
    Output output = session.output();
    List<List<String>> rows = new ArrayList<>();
    for (Decision decision : plan.decisions()) {
      List<String> reasons =
          decision.reasons().stream()
              .map((Message reason) -> reason.in(output.language()))
              .toList();
      rows.add(
          List.of(
              decision.entry().label().text(),
              decision.entry().backup().kind().word().in(output.language()),
              decision.isKept()
                  ? message("stays").in(output.language())
                  : output.open(message("goes").in(output.language())),
              decision.isKept()
                  ? String.join("; ", reasons)
                  : message("no rule keeps it").in(output.language())));
    }
    output.table(
        ListCommand.words(session, message("LABEL"), message("KIND"), message(""), message("WHY")),
        rows);
    plan.purges()
        .forEach(note ->
            output.line(message("{0} would leave the trash for good", note.label().toString())));
  }
}
