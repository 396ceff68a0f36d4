package io.prova.cli;

import static io.prova.base.Message.message;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova pin`.
@Command(name = "pin", description = "Keep a backup whatever retention says, until it is unpinned.")
final class PinCommand extends Subcommand {

  @Parameters(paramLabel = "LABEL", description = "The backup.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String label;

  @Option(
      names = "--why",
      required = true,
      paramLabel = "TEXT",
      description = "The reason, shown with the backup.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String why;

  @Option(names = "--dry-run", description = "Show what would be done, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    session.cluster().repository().catalog().require(session.label(label));
    if (dryRun) {
      session.output().line(message("{0} would be pinned", label));
      return 0;
    }
    session.operations().pin(session.label(label), why, session.output());
    session.output().done(message("{0} is pinned", label));
    return 0;
  }
}
