package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.config.ClusterSettings.Job;
import io.prova.config.Schedule;
import io.prova.server.Server;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova serve`.
@Command(
    name = "serve",
    description = "Run the schedule: backups, restore tests, alerts. Ends cleanly on SIGTERM.",
    footer = {
      "",
      "Missed runs are caught up at start. A systemd unit for it: packaging/prova.service."
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
            .forEach((job, schedule) -> showPlan(session, cluster, job, schedule, now));
      }
      return 0;
    }
    Output output = session.output();
    new Server(
            session.wiring(),
            said -> {
              output.line(said);
              output.json("prova.serve.v1", Map.of("text", said));
            })
        .run();
    return 0;
  }

  private static void showPlan(
      Session session, Cluster cluster, Job job, Schedule schedule, Instant now) {
    Instant next = schedule.next(now, session.wiring().settings().zone());
    session
        .output()
        .line(
            message(
                "{0}: {1} {2}, next {3}",
                cluster.name(),
                StatusCommand.job(job),
                schedule.describe(),
                ShowCommand.moment(session, next)));
    session
        .output()
        .json("prova.serve.plan.v1", Map.of("cluster", cluster.name(), "job", job, "next", next));
  }
}
