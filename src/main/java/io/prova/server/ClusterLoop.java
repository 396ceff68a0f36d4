package io.prova.server;

import static io.prova.base.Message.message;

import io.prova.alert.Alerts;
import io.prova.alert.Audience;
import io.prova.alert.Incident;
import io.prova.alert.Severity;
import io.prova.app.Cluster;
import io.prova.app.ClusterStatus;
import io.prova.app.Operations;
import io.prova.app.Operations.BackupChoice;
import io.prova.app.Wiring;
import io.prova.base.Event;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.config.ClusterSettings.Job;
import io.prova.config.Schedule;
import io.prova.drill.Evidence;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// One cluster's jobs, one at a time: what is due runs; what was missed is caught up; what fails is
/// tried again; and a backup that does not come is an alert.
final class ClusterLoop {

  /// How often it looks whether anything is due, missing or unsent.
  private static final Duration TICK = Duration.ofSeconds(30);

  private final Wiring wiring;
  private final Cluster cluster;
  private final Consumer<Message> log;
  private final JobHistory history;

  ClusterLoop(Wiring wiring, Cluster cluster, Consumer<Message> log) throws IOException {
    this.wiring = wiring;
    this.cluster = cluster;
    this.log = log;
    this.history = JobHistory.open(wiring.settings().stateDirectory(), cluster.name());
  }

  Void run() throws InterruptedException {
    while (true) {
      for (Job job : Job.values()) {
        Schedule schedule = cluster.settings().schedules().get(job);
        if (schedule != null) {
          runIfDue(job, schedule);
        }
      }
      watch();
      Thread.sleep(TICK);
    }
  }

  private Instant now() {
    return wiring.surroundings().clock().instant();
  }

  private void runIfDue(Job job, Schedule schedule) throws InterruptedException {
    Instant due = schedule.previous(now(), wiring.settings().zone());
    if (!history.isWanted(job, due, now())) {
      return;
    }
    try {
      history.began(job, due, now());
      log.accept(
          message(
              "{0}: {1} begins (due {2})",
              cluster.name(), name(job), due.atZone(wiring.settings().zone())));
      perform(job);
      history.succeeded(job, due);
    } catch (IOException | RuntimeException e) {
      // Told, journaled and alerted by the operation; here it only must not end the loop.
      failed(job, e);
    }
  }

  private void failed(Job job, Exception e) {
    log.accept(message("{0}: {1} failed: {2}", cluster.name(), name(job), Problems.of(e)));
  }

  private static Message name(Job job) {
    return switch (job) {
      case LOGICAL -> message("logical backup");
      case PHYSICAL -> message("physical backup");
      case DRILL -> message("restore test");
    };
  }

  private void perform(Job job) throws IOException, InterruptedException {
    Operations operations = wiring.operations(cluster);
    switch (job) {
      case LOGICAL -> backup(operations, BackupKind.LOGICAL);
      case PHYSICAL -> backup(operations, BackupKind.PHYSICAL);
      case DRILL -> drill(operations);
    }
  }

  private void backup(Operations operations, BackupKind kind)
      throws IOException, InterruptedException {
    var done = operations.backup(kind, BackupChoice.AS_CONFIGURED, this::heard);
    log.accept(
        message(
            "{0}: backup {1}, {2}",
            cluster.name(), done.backup().label().toString(), done.backup().stored()));
  }

  private void drill(Operations operations) throws IOException, InterruptedException {
    Listing listing = cluster.repository().catalog().list();
    for (BackupKind kind : BackupKind.values()) {
      Optional<Entry> newest = listing.newest(kind);
      if (newest.isPresent()) {
        Evidence evidence = operations.drill(newest.get(), Optional.empty(), this::heard);
        log.accept(
            message(
                "{0}: restore test of {1}: {2}",
                cluster.name(), newest.get().label().toString(), evidence.verdict().word()));
      }
    }
  }

  private void heard(Event event) {
    if (event instanceof Event.Warned(var warning)) {
      log.accept(message("{0}: warning: {1}", cluster.name(), warning));
    }
  }

  /// The run that never started is an alert too; and what could not be sent is tried again.
  private void watch() throws InterruptedException {
    Alerts alerts = wiring.alerts(result -> {});
    try {
      Listing listing = cluster.repository().catalog().list();
      for (BackupKind kind : BackupKind.values()) {
        watch(alerts, kind, listing);
      }
      alerts.resolve(key("repository"), message("the repository can be reached again"), now());
    } catch (IOException | OperationFailed e) {
      raise(
          alerts,
          "repository",
          message("the repository cannot be reached"),
          history.firstSeen("repository", now()),
          Optional.of(Problems.of(e)));
    }
    alerts.deliverDue(now());
  }

  private String key(String what) {
    return cluster.name() + "/" + what;
  }

  private void watch(Alerts alerts, BackupKind kind, Listing listing)
      throws IOException, InterruptedException {
    String what = "missing/" + kind.name().toLowerCase(Locale.ROOT);
    Optional<Instant> due = ClusterStatus.overdueSince(wiring, cluster, kind, listing, now());
    if (due.isEmpty()) {
      alerts.resolve(
          key(what),
          kind == BackupKind.LOGICAL
              ? message("there is a logical backup again")
              : message("there is a physical backup again"),
          now());
      return;
    }
    raise(
        alerts,
        what,
        kind == BackupKind.LOGICAL
            ? message("a logical backup is missing")
            : message("a physical backup is missing"),
        due.get(),
        Optional.of(message("it was due at {0}", due.get().atZone(wiring.settings().zone()))));
    Duration late = Duration.between(due.get(), now());
    if (late.compareTo(
            wiring.settings().alerts().grace().plus(wiring.settings().alerts().escalateAfter()))
        > 0) {
      alerts.escalate(key(what), now());
    }
  }

  private void raise(
      Alerts alerts, String what, Message clause, Instant occurredAt, Optional<Message> why)
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
