package io.prova.app;

import static io.prova.base.Message.message;

import io.prova.alert.Alerts;
import io.prova.alert.Audience;
import io.prova.alert.DeliveryResult;
import io.prova.alert.Incident;
import io.prova.alert.Severity;
import io.prova.base.ByteCount;
import io.prova.base.Durations;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.journal.Anchor;
import io.prova.journal.Journal;
import io.prova.journal.JournalEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/// One run of one command: an entry in the journal before it and after it, a log, and alerts for
/// whoever must know.
public final class Operation implements Consumer<Event> {

  /// What to tell when the command fails, and when it succeeds again.
  ///
  /// @param key of the alert
  /// @param failed a clause: "logical backup failed"
  /// @param good a clause: "logical backup succeeded"
  /// @param commands what to type next
  record Watch(
      String key,
      Audience audience,
      Severity severity,
      Message failed,
      Message good,
      List<String> commands) {}

  /// The work itself.
  @FunctionalInterface
  interface Body<T> {
    T run(Operation operation) throws IOException, InterruptedException;
  }

  private final String id = UUID.randomUUID().toString().substring(0, 8);
  private final Wiring wiring;
  private final Cluster cluster;
  private final String command;
  private final Consumer<Event> listener;
  private final OperationLog log;

  /// One for the whole run: what a full disk does not take stays in its memory until it is told.
  private final Alerts alerts;

  private Optional<Journal> journal = Optional.empty();
  private boolean raised;
  private final Map<String, Object> details = new LinkedHashMap<>();
  private Optional<Anchor> anchor = Optional.empty();
  private boolean doubtful;

  private Operation(Wiring wiring, Cluster cluster, String command, Consumer<Event> listener) {
    this.wiring = wiring;
    this.cluster = cluster;
    this.command = command;
    this.listener = listener;
    this.log =
        OperationLog.open(
            wiring.settings().stateDirectory(),
            cluster.name(),
            id,
            wiring.surroundings().clock(),
            wiring.redactor());
    this.alerts = wiring.alerts(this::delivered);
  }

  /// @param request what was asked, for the journal
  /// @param listener shows the events to whoever started this
  static <T> T run(
      Wiring wiring,
      Cluster cluster,
      String command,
      Map<String, Object> request,
      Optional<Watch> watch,
      Consumer<Event> listener,
      Body<T> body)
      throws IOException, InterruptedException {
    Operation operation = new Operation(wiring, cluster, command, listener);
    try (OperationLog closing = operation.log) {
      return operation.run(request, watch, body);
    }
  }

  private <T> T run(Map<String, Object> request, Optional<Watch> watch, Body<T> body)
      throws IOException, InterruptedException {
    Instant started = now();
    log.write("", command + " begins: " + request);
    try {
      anchor = Optional.of(begin(request));
      T result = body.run(this);
      details.put("result", doubtful ? "suspicious" : "done");
      end(started);
      if (watch.isPresent()) {
        resolve(watch.get());
        ping(command, request, !doubtful);
      }
      return result;
    } catch (InterruptedException e) {
      throw interrupted(started, e);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      if (Thread
          .interrupted()) { // channels and connections report an interrupt as trouble of their own
        throw interrupted(started, e);
      }
      OperationFailed failed = Trouble.of(e);
      details.put("result", "failed");
      details.put("error", failed.problem().toString());
      details.put("exit_code", failed.failure().exitCode());
      log.write("FAILED: ", failed.problem().toString());
      end(started);
      if (watch.isPresent() && failed.failure() != Failure.BUSY) {
        raised = true;
        alerts.raise(incident(watch.get(), Optional.of(failed.problem()), failed.hint()), now());
        ping(command, request, false);
      }
      throw failed;
    } finally {
      deliver();
    }
  }

  /// Nothing is begun that is not in the journal.
  private Anchor begin(Map<String, Object> request) throws IOException, InterruptedException {
    try {
      return journal().append(entry(JournalEntry.START, request));
    } catch (IOException e) {
      OperationFailed trouble = Trouble.of(e);
      Path repository = cluster.settings().repository();
      if (trouble.failure() != Failure.SPACE || !Files.isDirectory(repository)) {
        throw trouble;
      }
      throw new OperationFailed(
          Failure.SPACE,
          message(
              "the disk of {0} is full: it has {1} free, too little even for a line in the journal",
              repository, new ByteCount(Files.getFileStore(repository).getUsableSpace())),
          message(
              "df -h and df -i tell whether bytes or file numbers lack. prova expire works all the same and gives back what retention lets go."),
          e);
    }
  }

  private InterruptedException interrupted(Instant started, Throwable cause)
      throws InterruptedException {
    // A second interrupt that waits already would close the journal's file under our record.
    boolean _ = Thread.interrupted();
    details.put("result", "interrupted");
    log.write("", command + " is interrupted");
    end(started);
    InterruptedException interrupted = new InterruptedException(command + " was interrupted");
    interrupted.initCause(cause);
    return interrupted;
  }

  /// A backup's kind is the job that the ping's URL is for.
  private void ping(String command, Map<String, Object> request, boolean success)
      throws InterruptedException {
    if (command.equals("backup")) {
      ping(String.valueOf(request.get("kind")), success);
    }
  }

  /// Tells the monitor elsewhere that the job ran; one that cannot be reached is no failure of the
  /// job.
  void ping(String job, boolean success) throws InterruptedException {
    if (wiring.settings().alerts().ping().isEmpty()) {
      return;
    }
    Optional<Message> problem = success ? wiring.pings().success(job) : wiring.pings().failure(job);
    problem.ifPresent(each -> accept(new Event.Warned(each)));
  }

  /// A journal that cannot be written (a full disk) does not undo what was done, but somebody must
  /// know.
  private void end(Instant started) throws InterruptedException {
    details.put("seconds", Durations.seconds(Duration.between(started, now())));
    log.write("", command + " ends: " + details);
    Watch unwritable =
        new Watch(
            cluster.name() + "/journal",
            Audience.TEAM,
            Severity.ERROR,
            message("the journal cannot be written"),
            message("the journal can be written again"),
            List.of("prova journal verify", "df -h"));
    try {
      journal().append(entry(JournalEntry.END, details));
      resolve(unwritable);
    } catch (IOException | OperationFailed e) {
      accept(new Event.Warned(message("the journal cannot be written: {0}", Problems.of(e))));
      alert(unwritable, Problems.of(e));
    }
  }

  private JournalEntry entry(String event, Map<String, Object> details) {
    return new JournalEntry(id, event, command, Optional.of(cluster.name()), details);
  }

  private Instant now() {
    return wiring.surroundings().clock().instant();
  }

  /// The operation's id, in the journal, the log and temporary names.
  String id() {
    return id;
  }

  /// The end of the journal when the operation began.
  Optional<Anchor> anchor() {
    return anchor;
  }

  /// Adds to what the journal will say of the result.
  void note(String name, Object value) {
    details.put(name, value);
  }

  /// The work was done, and its result looks wrong: nobody shall be told of a success.
  void endInDoubt() {
    doubtful = true;
  }

  @Override
  public void accept(Event event) {
    log.accept(event);
    listener.accept(event);
  }

  /// Raises an alert about something that did not end the operation.
  void alert(Watch watch, Message error) throws InterruptedException {
    raised = true;
    alerts.raise(incident(watch, Optional.of(error), Optional.empty()), now());
  }

  void resolve(Watch watch) throws InterruptedException {
    alerts.resolve(watch.key(), watch.good(), now());
  }

  private Incident incident(Watch watch, Optional<Message> error, Optional<Message> hint) {
    return new Incident(
        watch.key(),
        cluster.name(),
        watch.severity(),
        watch.audience(),
        watch.failed(),
        now(),
        Optional.of(id),
        error,
        hint,
        watch.commands(),
        log.lastLines());
  }

  private void delivered(DeliveryResult result) {
    String outcome = result.problem().map(Message::toString).orElse("delivered");
    log.write("alert| ", result.channel() + ": " + outcome);
    try {
      journal().append(entryOf(result, id, cluster));
    } catch (IOException | OperationFailed e) {
      log.write("alert| ", "not journaled: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// How the delivery of an alert went, for the journal.
  static JournalEntry entryOf(DeliveryResult result, String operation, Cluster cluster) {
    return new JournalEntry(
        operation,
        JournalEntry.NOTE,
        "alert",
        Optional.of(cluster.name()),
        Map.of(
            "key",
            result.key(),
            "channel",
            result.channel(),
            "attempt",
            result.attempt(),
            "result",
            result.problem().map(Message::toString).orElse("delivered")));
  }

  /// Opened when it is first needed, and failing there: then somebody is told.
  private Journal journal() throws IOException {
    if (journal.isEmpty()) {
      journal = Optional.of(wiring.journal(cluster));
    }
    return journal.get();
  }

  /// What could not be sent before is tried again at the end of every command.
  private void deliver() throws InterruptedException {
    if (raised || wiring.hasAlertsToDeliver()) {
      alerts.deliverDue(now());
    }
  }
}
