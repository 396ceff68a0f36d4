package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Durations;
import io.prova.base.Message;
import io.prova.restore.Ladder;
import io.prova.restore.RecoverRun;
import io.prova.restore.Rung;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova recover`.
@Command(
    name = "recover",
    description =
        "Recover from the best restore point; when it fails, from the next best, and so on.",
    footer = {
      "",
      "Without --database the whole cluster comes back. Administrators are told of every restore point that fails. Nothing that exists is deleted."
    })
final class RecoverCommand extends Subcommand {

  @Option(
      names = "--database",
      paramLabel = "NAME",
      description = "Recover only this database, into the running server.")
  private @Nullable String database;

  @Option(names = "--yes", description = "Do not ask before live data is replaced.")
  private boolean yes;

  @Option(names = "--dry-run", description = "Show the ladder of restore points, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    Output output = session.output();
    Optional<String> wanted = Optional.ofNullable(database);
    Ladder ladder = session.operations().ladder(wanted);
    show(session, ladder);
    if (dryRun) {
      output.json(
          "prova.recover.plan.v1", ladder.rungs().stream().map(RecoverCommand::view).toList());
      return 0;
    }
    session.confirm(
        yes,
        wanted.isPresent()
            ? message("database {0} will be replaced", wanted.get())
            : message(
                "the cluster will be replaced: the service stops, the old directory is moved aside"));
    RecoverRun.Result result = session.operations().recover(wanted, output);
    output.line(message("recovered from {0}", result.rung().entry().label().toString()));
    output.line(
        message("lost: what changed in the {0} between that backup and now", result.rung().lost()));
    result
        .failed()
        .forEach(failed -> output.line(message("tried before, and failed: {0}", failed)));
    result.kept().forEach(kept -> output.line(message("what was replaced is kept: {0}", kept)));
    RestoreCommand.showValidation(output, result.validation());
    output.json(
        "prova.recover.v1",
        Map.of(
            "rung",
            view(result.rung()),
            "failed",
            result.failed(),
            "kept",
            result.kept(),
            "equal",
            result.validation().isEqual()));
    return 0;
  }

  private static Map<String, Object> view(Rung rung) {
    return Map.of(
        "label", rung.entry().label(),
        "kind", rung.entry().backup().kind(),
        "way", rung.way(),
        "lost_seconds", rung.lost().toSeconds(),
        "expected_seconds", rung.expected().map(Durations::seconds),
        "proof", rung.entry().proof().level());
  }

  private static void show(Session session, Ladder ladder) {
    Output output = session.output();
    List<List<String>> rows = new ArrayList<>();
    int number = 1;
    for (Rung rung : ladder.rungs()) {
      Message expected =
          rung.expected().map(time -> message("{0}", time)).orElse(message("unknown"));
      rows.add(
          List.of(
              Integer.toString(number),
              rung.entry().label().text(),
              rung.entry().backup().kind().word().in(output.language()),
              Views.proof(rung.entry(), output),
              Durations.in(output.language(), rung.lost()),
              expected.in(output.language()),
              RecoverRun.describe(rung, ladder.database()).in(output.language())));
      number++;
    }
    if (rows.isEmpty()) {
      output.line(message("there is no backup to recover from"));
      return;
    }
    output.table(
        ListCommand.words(
            session,
            message("#"),
            message("LABEL"),
            message("KIND"),
            message("PROOF"),
            message("LOST"),
            message("EXPECTED"),
            message("HOW")),
        rows);
  }
}
