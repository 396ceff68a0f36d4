package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.app.ClusterStatus;
import io.prova.app.ClusterStatus.Level;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.ProofRecord;
import io.prova.config.ClusterSettings.Job;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `prova status`.
@Command(
    name = "status",
    description =
        "Say how the backups stand: the last good ones, the last proof, the next runs, open alerts.",
    footer = {
      "",
      "The first line and the exit code are what Nagios wants: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."
    })
final class StatusCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /// A monitor knows four codes: what else goes wrong is 3, "unknown", and never looks good.
  @Override
  public Integer call() throws InterruptedException {
    ProvaCommand root = (ProvaCommand) spec.root().userObject();
    try {
      return root.run(this::run);
    } catch (OperationFailed e) {
      return unknown(root.output(new Redactor()), e);
    } catch (IOException | RuntimeException e) {
      return unknown(
          root.output(new Redactor()),
          new OperationFailed(Failure.INTERNAL, message("{0}", e.toString())));
    }
  }

  private static int unknown(Output output, OperationFailed failed) {
    if (output.isJson()) {
      output.failed(failed);
    } else {
      output.text("PROVA UNKNOWN - " + failed.problem().in(output.language()));
      failed.hint().ifPresent(output::line);
    }
    return Level.UNKNOWN.exitCode();
  }

  private int run(Session session) throws IOException {
    Output output = session.output();
    List<ClusterStatus> all = new ArrayList<>();
    for (Cluster cluster : session.clusters()) {
      all.add(ClusterStatus.of(session.wiring(), cluster));
    }
    Level worst =
        all.stream().map(ClusterStatus::level).max(Level::compareTo).orElse(Level.UNKNOWN);
    output.text(headline(output, all, worst));
    for (ClusterStatus status : all) {
      show(session, status, all.size() > 1);
    }
    return worst.exitCode();
  }

  private static String headline(Output output, List<ClusterStatus> all, Level worst) {
    String summary =
        all.stream()
            .flatMap(status -> status.problems().stream())
            .map(problem -> problem.in(output.language()))
            .collect(Collectors.joining("; "));
    String word = "PROVA " + worst;
    String coloured =
        switch (worst) {
          case OK -> output.good(word);
          case WARNING, UNKNOWN -> output.open(word);
          case CRITICAL -> output.bad(word);
        };
    return coloured
        + " - "
        + (summary.isEmpty() ? message("all backups are in order").in(output.language()) : summary);
  }

  private static void show(Session session, ClusterStatus status, boolean named) {
    Output output = session.output();
    Instant now = session.surroundings().clock().instant();
    if (named) {
      output.text(output.bold(status.cluster()));
    }
    for (BackupKind kind : BackupKind.values()) {
      Entry entry = status.newest().get(kind);
      output.line(
          entry == null
              ? message("  last {0} backup: none", kind.word())
              : message(
                  "  last {0} backup: {1}, {2} old, {3}",
                  kind.word(),
                  entry.label().toString(),
                  Duration.between(entry.backup().consistentAt(), now),
                  Views.proof(entry.proof())));
    }
    output.line(
        status.proven().isEmpty()
            ? message("  last proof: none")
            : message(
                "  last proof: {0}, tested {1} ago",
                status.proven().get().label().toString(),
                Duration.between(
                    status.proven().get().proof().lastDrill().map(ProofRecord::time).orElse(now),
                    now)));
    status
        .next()
        .forEach((job, when) ->
            output.line(message("  next {0}: {1}", job(job), ShowCommand.moment(session, when))));
    status
        .alerts()
        .forEach(alert ->
            output.line(
                message(
                    "  alert: {0}, since {1}",
                    alert.what(), ShowCommand.moment(session, alert.since()))));
    status
        .undelivered()
        .forEach(
            each -> output.line(message("  not sent: {0} by {1}", each.subject(), each.channel())));
    output.json("prova.status.v1", json(status));
  }

  private static Map<String, Object> json(ClusterStatus status) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("cluster", status.cluster());
    json.put("level", status.level());
    json.put("problems", status.problems());
    status
        .newest()
        .forEach((kind, entry) ->
            json.put(
                "last_" + kind.name().toLowerCase(Locale.ROOT),
                Map.of(
                    "label",
                    entry.label(),
                    "consistent_at",
                    entry.backup().consistentAt(),
                    "proof",
                    entry.proof().level())));
    status.proven().ifPresent(entry -> json.put("last_proven", entry.label()));
    json.put("next", status.next());
    json.put("alerts", status.alerts());
    json.put("undelivered", status.undelivered());
    return json;
  }

  static Message job(Job job) {
    return switch (job) {
      case LOGICAL -> message("logical backup");
      case PHYSICAL -> message("physical backup");
      case DRILL -> message("restore test");
    };
  }
}
