package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Operations;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova undelete`.
@Command(
    name = "undelete",
    description = "Bring a backup back from the trash.",
    footer = {"", "Pin it as well if retention would let it go again."})
final class UndeleteCommand extends Subcommand {

  @Parameters(paramLabel = "LABEL", description = "The backup.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String label;

  @Option(names = "--dry-run", description = "Show what would be done, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    if (dryRun) {
      Operations.requireTrashed(session.cluster().repository(), session.label(label));
      session.output().line(message("{0} would come back from the trash", label));
      session.output().json("prova.undelete.plan.v1", Map.of("label", label));
      return 0;
    }
    session.operations().undelete(session.label(label), session.output());
    session.output().done(message("{0} is back", label));
    session.output().json("prova.undelete.v1", Map.of("label", label));
    return 0;
  }
}
