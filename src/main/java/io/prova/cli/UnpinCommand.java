package io.prova.cli;

import static io.prova.base.Message.message;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova unpin`.
@Command(name = "unpin", description = "Let retention decide about a backup again.")
final class UnpinCommand extends Subcommand {

  @Parameters(paramLabel = "LABEL", description = "The backup.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String label;

  @Option(names = "--dry-run", description = "Show what would be done, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    session.cluster().repository().catalog().require(session.label(label));
    if (dryRun) {
      session.output().line(message("{0} would be unpinned", label));
      return 0;
    }
    session.operations().unpin(session.label(label), session.output());
    session.output().done(message("{0} is unpinned", label));
    return 0;
  }
}
