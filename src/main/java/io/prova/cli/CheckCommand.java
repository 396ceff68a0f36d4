package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.alert.DeliveryResult;
import io.prova.app.Cluster;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.check.CheckRequest;
import io.prova.check.CheckRun;
import io.prova.check.Finding;
import io.prova.config.ClusterSettings.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova check`.
@Command(
    name = "check",
    description =
        "Check that backups and restores will work, and say what to type where they would not.",
    footer = {"", "Exit code 0: good, 1: warnings, 2: errors."})
final class CheckCommand extends Subcommand {

  @Option(
      names = "--send-test-alert",
      description = "Send a test message to everybody who would be told of a failure.")
  private boolean sendTestAlert;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    int exitCode = 0;
    for (Cluster cluster : session.clusters()) {
      exitCode = Math.max(exitCode, check(session, cluster));
    }
    if (sendTestAlert) {
      exitCode = Math.max(exitCode, sendTestAlert(session));
    }
    return exitCode;
  }

  /// @return the exit code
  static int check(Session session, Cluster cluster) throws IOException, InterruptedException {
    List<Finding> findings = CheckRun.run(request(session, cluster));
    Output output = session.output();
    if (session.wiring().clusters().size() > 1) {
      output.text(output.bold(cluster.name()));
    }
    findings.forEach(finding -> show(output, finding));
    output.json("prova.check.v1", Map.of("cluster", cluster.name(), "findings", findings));
    boolean error = findings.stream().anyMatch(each -> each.severity() == Finding.Severity.ERROR);
    boolean open = findings.stream().anyMatch(each -> each.severity() != Finding.Severity.OK);
    if (error) {
      return 2;
    }
    return open ? 1 : 0;
  }

  private static void show(Output output, Finding finding) {
    String mark =
        switch (finding.severity()) {
          case OK -> output.good("✓");
          case WARNING -> output.open("!");
          case ERROR -> output.bad("✗");
          case UNKNOWN -> output.open("?");
        };
    output.text(
        mark + " " + message("{0}: {1}", finding.subject(), finding.fact()).in(output.language()));
    finding.hint().ifPresent(hint -> output.text("    # " + hint.in(output.language())));
    finding.mend().forEach(line -> output.text("    " + line));
  }

  private static CheckRequest request(Session session, Cluster cluster) throws IOException {
    var settings = cluster.settings();
    Instant now = session.surroundings().clock().instant();
    var zone = session.wiring().settings().zone();
    List<Message> schedules = new ArrayList<>();
    settings
        .schedules()
        .forEach((job, schedule) ->
            schedules.add(
                message(
                    "{0}: {1}, next {2}",
                    StatusCommand.job(job),
                    schedule.describe(),
                    schedule.next(now, zone).atZone(zone))));
    var alerts = session.wiring().settings().alerts();
    List<Path> secretFiles = new ArrayList<>(session.wiring().loaded().secretFiles());
    settings.identityFile().ifPresent(secretFiles::add);
    return new CheckRequest(
        cluster.name(),
        cluster::connection,
        cluster::adminConnection,
        settings.repository(),
        cluster.tools(),
        settings.logical()::takes,
        Optional.of(settings.physical().method())
            .filter(method -> settings.schedules().containsKey(Job.PHYSICAL)),
        settings.service(),
        secretFiles,
        cluster.scratchDirectory(),
        cluster::scratchUser,
        settings.drill().osUser().orElse("prova-drill"),
        session.wiring().settings().stateDirectory(),
        schedules,
        !alerts.team().isEmpty() || !alerts.administrators().isEmpty(),
        session.provaCommand(),
        session.surroundings().user(),
        session.surroundings().clock(),
        session.wiring().redactor());
  }

  private static int sendTestAlert(Session session) throws InterruptedException {
    Output output = session.output();
    List<DeliveryResult> results =
        session.wiring().alerts(result -> {}).sendTest(session.surroundings().clock().instant());
    if (results.isEmpty()) {
      output.line(message("there is nobody to tell: `alerts` in prova.yaml names no recipient"));
    }
    boolean failed = false;
    for (DeliveryResult result : results) {
      failed |= !result.isDelivered();
      output.text(
          result.isDelivered()
              ? output.good("✓")
                  + " "
                  + message("{0}: test alert delivered", result.channel()).in(output.language())
              : output.bad("✗")
                  + " "
                  + message("{0}: {1}", result.channel(), result.problem().orElse(message("-")))
                      .in(output.language()));
    }
    output.json("prova.test-alert.v1", results);
    return failed ? Failure.ALERT_FAILED.exitCode() : 0;
  }
}
