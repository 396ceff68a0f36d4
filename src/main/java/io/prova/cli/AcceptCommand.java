package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.StoredText;
import io.prova.catalog.Listing.Entry;
import io.prova.retention.RetentionPlanner;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova accept`.
@Command(
    name = "accept",
    description =
        "Say that a backup that looks wrong (suddenly tiny, a wrong date) is right; retention goes on.")
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
    boolean fromTheFuture =
        RetentionPlanner.isFromTheFuture(entry, session.surroundings().clock().instant());
    if (!entry.isSuspicious() && (entry.accepted() || !fromTheFuture)) {
      throw new OperationFailed(Failure.USAGE, message("nothing about {0} looks wrong", label));
    }
    if (dryRun) {
      entry
          .backup()
          .anomalies()
          .forEach(anomaly ->
              session.output().line(message("would be accepted: {0}", new StoredText(anomaly))));
      if (fromTheFuture) {
        session
            .output()
            .line(
                message("would be accepted: {0}", message("dated {0}", entry.backup().finished())));
      }
      session.output().json("prova.accept.plan.v1", Map.of("label", label));
      return 0;
    }
    session.operations().accept(session.label(label), why, session.output());
    session.output().done(message("{0} is accepted; retention goes on", label));
    session.output().json("prova.accept.v1", Map.of("label", label));
    return 0;
  }
}
