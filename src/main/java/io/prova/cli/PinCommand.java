package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.catalog.Catalog;
import io.prova.catalog.Listing.Entry;
import java.io.IOException;
import java.util.Map;
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
    Entry entry = session.cluster().repository().catalog().require(session.label(label));
    if (dryRun) {
      if (entry.pin().isPresent()) {
        throw Catalog.alreadyPinned(entry.label());
      }
      session.output().line(message("{0} would be pinned", label));
      session.output().json("prova.pin.plan.v1", Map.of("label", label));
      return 0;
    }
    session.operations().pin(session.label(label), why, session.output());
    session.output().done(message("{0} is pinned", label));
    session.output().json("prova.pin.v1", Map.of("label", label));
    return 0;
  }
}
