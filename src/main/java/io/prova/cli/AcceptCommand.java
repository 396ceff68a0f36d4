package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.StoredText;
import io.prova.catalog.Listing.Entry;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova accept`.
@Command(
    name = "accept",
    description = "Say that a backup that looks wrong (suddenly tiny) is right; retention goes on.")
final class AcceptCommand extends Subcommand {

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
    if (!entry.isSuspicious()) {
      throw new OperationFailed(Failure.USAGE, message("nothing about {0} looks wrong", label));
    }
    if (dryRun) {
      entry
          .backup()
          .anomalies()
          .forEach(anomaly ->
              session.output().line(message("would be accepted: {0}", new StoredText(anomaly))));
      return 0;
    }
    session.operations().accept(session.label(label), why, session.output());
    session.output().done(message("{0} is accepted; retention goes on", label));
    return 0;
  }
}
