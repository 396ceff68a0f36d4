package io.prova.drill;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Message;
import io.prova.drill.DrillCheck.Outcome;
import io.prova.postgres.ToolRun;
import io.prova.restore.RestoredServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// PostgreSQL's own check of tables and indexes, of every database.
final class Amcheck {

  private static final int NOT_AVAILABLE = 127;
  private static final int MOST_LINES = 50;

  private Amcheck() {}

  static DrillCheck run(DrillContext context, RestoredServer restored)
      throws IOException, InterruptedException {
    Message name = message("pg_amcheck of every table and B-tree index");
    Path program = restored.program("pg_amcheck");
    if (!Files.isExecutable(program)) {
      return new DrillCheck(
          name, Outcome.NOT_TESTED, message("{0} is not installed", program), List.of());
    }
    List<String> said = new ArrayList<>();
    ToolRun.Outcome outcome =
        new ToolRun(
                context.restore().redactor(),
                program,
                List.of(
                    "--all",
                    "--install-missing",
                    "--no-password",
                    "--jobs=" + RestoredServer.jobs()))
            .environment(
                restored.connection("template1").writingEnvironment()) // it may install amcheck
            .onErrorLine(
                line -> context.restore().events().accept(new Event.ToolSaid("pg_amcheck", line)))
            .run(
                context.restore().limit(),
                out ->
                    new String(out.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                        .lines()
                        .limit(MOST_LINES)
                        .forEach(said::add));
    if (outcome.timedOut() || outcome.exitCode() == NOT_AVAILABLE) {
      return new DrillCheck(
          name, Outcome.NOT_TESTED, message("{0}", outcome.complaint()), List.of());
    }
    if (outcome.complaint().contains("could not open extension control file")
        || outcome.complaint().contains("amcheck\" is not available")) {
      return new DrillCheck(
          name,
          Outcome.NOT_TESTED,
          message("the amcheck extension is not installed (Debian: postgresql-contrib)"),
          List.of());
    }
    if (!outcome.succeeded()) {
      List<Message> details = new ArrayList<>();
      said.forEach(line -> details.add(message("{0}", line)));
      outcome.lastLines().forEach(line -> details.add(message("{0}", line)));
      return new DrillCheck(
          name,
          Outcome.FAILED,
          message("corruption found (exit code {0})", outcome.exitCode()),
          details);
    }
    return new DrillCheck(name, Outcome.PASSED, message("no corruption found"), List.of());
  }
}
