package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Operations;
import io.prova.catalog.Listing.Entry;
import java.io.IOException;
import java.util.Map;
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
    Entry entry = session.cluster().repository().catalog().require(session.label(label));
    if (dryRun) {
      if (entry.pin().isEmpty()) {
        throw Operations.notPinned(entry.label());
      }
      session.output().line(message("{0} would be unpinned", label));
      session.output().json("prova.unpin.plan.v1", Map.of("label", label));
      return 0;
    }
    session.operations().unpin(session.label(label), session.output());
    session.output().done(message("{0} is unpinned", label));
    session.output().json("prova.unpin.v1", Map.of("label", label));
    return 0;
  }
}
