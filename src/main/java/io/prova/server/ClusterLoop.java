package io.prova.server;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.app.Operations;
import io.prova.app.Operations.BackupChoice;
import io.prova.app.Wiring;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.config.ClusterSettings.Job;
import io.prova.config.Schedule;
import io.prova.drill.Evidence;
import io.prova.drill.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/// One cluster's jobs, one at a time: what is due runs; what was missed is caught up, once; what
/// fails is tried again; what a crash cut off is told.
final class ClusterLoop {

  /// How often it looks whether anything is due.
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

  /// Ends only by an interrupt.
  Void run() throws InterruptedException {
    tellWhatWasCutOff();
    while (true) {
      runDue();
      Thread.sleep(TICK);
    }
  }

  private Instant now() {
    return wiring.surroundings().clock().instant();
  }

  /// A job that began and never ended, because the machine or this program did: nobody has heard of
  /// it yet.
  void tellWhatWasCutOff() throws InterruptedException {
    Operations operations = wiring.operations(cluster);
    for (Job job : history.cutOff()) {
      Instant began = history.tried(job).lastAttempt();
      log.accept(
          message(
              "{0}: {1} of {2} was cut off; it is tried again",
              cluster.name(), name(job), began.atZone(wiring.settings().zone())));
      operations.tellCutOff(job, began);
    }
    store();
  }

  /// Runs each job that is due now.
  void runDue() throws InterruptedException {
    for (Job job : Job.values()) {
      Schedule schedule = cluster.settings().schedules().get(job);
      if (schedule != null) {
        runIfDue(job, schedule);
      }
    }
  }

  private void runIfDue(Job job, Schedule schedule) throws InterruptedException {
    Instant due = schedule.previous(now(), wiring.settings().zone());
    if (!history.isWanted(job, due, now())) {
      return;
    }
    history.began(job, due, now());
    store();
    log.accept(
        message(
            "{0}: {1} begins (due {2})",
            cluster.name(), name(job), due.atZone(wiring.settings().zone())));
    boolean succeeded = false;
    try {
      perform(job);
      succeeded = true;
    } catch (IOException | RuntimeException e) {
      // Told, journaled and alerted by the operation; here it only must not end the loop.
      failed(job, e);
    } finally {
      if (succeeded) {
        history.succeeded(job);
      } else {
        history.failed(job); // when we are told to end, too: the next start tries again
      }
      store();
    }
    if (succeeded) {
      wiring.operations(cluster).resolveCutOff(job);
    }
  }

  private void store() {
    try {
      history.store();
    } catch (IOException e) {
      log.accept(
          message(
              "{0}: what ran when cannot be written down, so a restart may repeat a job: {1}",
              cluster.name(), e.toString()));
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
    if (listing.entries().isEmpty()) {
      throw new OperationFailed(Failure.NOT_FOUND, message("there is no backup to test yet"));
    }
    boolean tested = true;
    for (BackupKind kind : BackupKind.values()) {
      Optional<Entry> newest = listing.newest(kind);
      if (newest.isPresent()) {
        Evidence evidence = operations.drill(newest.get(), Optional.empty(), this::heard);
        log.accept(
            message(
                "{0}: restore test of {1}: {2}",
                cluster.name(), newest.get().label().toString(), evidence.verdict().word()));
        tested &= evidence.verdict() != Verdict.NOT_TESTED;
      }
    }
    if (!tested) {
      throw new OperationFailed(
          Failure.DRILL_NOT_TESTED, message("not every backup could be tested"));
    }
  }

  private void heard(Event event) {
    if (event instanceof Event.Warned(var warning)) {
      log.accept(message("{0}: warning: {1}", cluster.name(), warning));
    }
  }
}
