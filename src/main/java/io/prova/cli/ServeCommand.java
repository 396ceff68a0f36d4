package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.server.Server;
import java.io.IOException;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova serve`.
@Command(
    name = "serve",
    description = "Run the schedule: backups, restore tests, alerts. Ends cleanly on SIGTERM.",
    footer = {
      "",
      "packaging/prova.service is a systemd unit for it. Missed runs are caught up at start."
    })
final class ServeCommand extends Subcommand {

  @Option(names = "--dry-run", description = "Show what would run when, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    if (dryRun) {
      Instant now = session.surroundings().clock().instant();
      for (Cluster cluster : session.wiring().clusters()) {
        cluster
            .settings()
            .schedules()
            .forEach((job, schedule) ->
                session
                    .output()
                    .line(
                        message(
                            "{0}: {1} {2}, next {3}",
                            cluster.name(),
                            StatusCommand.job(job),
                            schedule.describe(),
                            ShowCommand.moment(
                                session, schedule.next(now, session.wiring().settings().zone())))));
      }
      return 0;
    }
    new Server(session.wiring(), session.output()::line).run();
    return 0;
  }
}
