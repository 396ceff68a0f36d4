package io.prova.server;

import static io.prova.base.Message.message;

import io.prova.alert.Alert;
import io.prova.alert.AlertOptions;
import io.prova.alert.Alerts;
import io.prova.alert.Audience;
import io.prova.alert.Incident;
import io.prova.alert.Severity;
import io.prova.app.Cluster;
import io.prova.app.ClusterStatus;
import io.prova.app.ClusterStatus.Missing;
import io.prova.app.Wiring;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// Looks whether a cluster's backups come, beside the jobs and whatever these do: a job that hangs
/// is a backup that is missing. What could not be sent is tried again here.
final class ClusterWatch {

  /// How often it looks.
  private static final Duration TICK = Duration.ofSeconds(30);

  private static final String REPOSITORY = "repository";

  private final Wiring wiring;
  private final Cluster cluster;
  private final Consumer<Message> log;

  /// One for as long as we live: what a full disk does not take stays in its memory.
  private final Alerts alerts;

  ClusterWatch(Wiring wiring, Cluster cluster, Consumer<Message> log) {
    this.wiring = wiring;
    this.cluster = cluster;
    this.log = log;
    this.alerts = wiring.journaledAlerts(cluster);
  }

  /// Ends only by an interrupt.
  Void run() throws InterruptedException {
    while (true) {
      try {
        look();
      } catch (RuntimeException e) {
        // A bug of ours must not end the watch, which is there for what nobody expects.
        log.accept(
            message("{0}: looking after the backups failed: {1}", cluster.name(), e.toString()));
      }
      Thread.sleep(TICK);
    }
  }

  private Instant now() {
    return wiring.surroundings().clock().instant();
  }

  /// One look.
  void look() throws InterruptedException {
    try {
      Listing listing = cluster.repository().catalog().list();
      for (BackupKind kind : BackupKind.values()) {
        watch(kind, listing);
      }
      alerts.resolve(key(REPOSITORY), message("the repository can be reached again"), now());
    } catch (IOException | RuntimeException e) {
      Message why =
          e instanceof OperationFailed failed ? failed.problem() : message("{0}", e.toString());
      Instant since = open(REPOSITORY).map(Alert::occurredAt).orElse(now());
      raise(REPOSITORY, message("the repository cannot be reached"), since, Optional.of(why));
    }
    escalate(REPOSITORY);
    alerts.deliverDue(now());
  }

  private String key(String what) {
    return cluster.name() + "/" + what;
  }

  private Optional<Alert> open(String what) {
    return alerts.open().stream().filter(alert -> alert.key().equals(key(what))).findFirst();
  }

  private void watch(BackupKind kind, Listing listing) throws IOException, InterruptedException {
    String what = "missing/" + kind.name().toLowerCase(Locale.ROOT);
    Optional<Missing> missing = ClusterStatus.missing(wiring, cluster, kind, listing, now());
    if (missing.isEmpty()) {
      alerts.resolve(
          key(what),
          kind == BackupKind.LOGICAL
              ? message("there is a logical backup again")
              : message("there is a physical backup again"),
          now());
      return;
    }
    raise(
        what,
        kind == BackupKind.LOGICAL
            ? message("a logical backup is missing")
            : message("a physical backup is missing"),
        missing.get().latest(),
        Optional.of(
            message("it was due at {0}", missing.get().since().atZone(wiring.settings().zone()))));
    escalate(what);
  }

  /// Not counted from the latest due time: of a backup that is due every hour, the latest is never
  /// long ago.
  private void escalate(String what) throws InterruptedException {
    AlertOptions options = wiring.settings().alerts();
    Duration patience = options.grace().plus(options.escalateAfter());
    Optional<Alert> open = open(what);
    if (open.isPresent() && now().isAfter(open.get().since().plus(patience))) {
      alerts.escalate(key(what), now());
    }
  }

  private void raise(String what, Message clause, Instant occurredAt, Optional<Message> why)
      throws InterruptedException {
    alerts.raise(
        new Incident(
            key(what),
            cluster.name(),
            Severity.CRITICAL,
            Audience.TEAM,
            clause,
            occurredAt,
            Optional.empty(),
            why,
            Optional.empty(),
            List.of("prova status", "prova check", "prova backup"),
            List.of()),
        now());
  }
}
