package io.prova.alert;

import io.prova.base.Message;
import io.prova.base.Redactor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/// Tells people that something is wrong, and that it works again.
///
/// An alert is a file in `<stateDirectory>/alerts` before anything is sent: it survives a crash, it
/// is tried again until every recipient has it, and it is visible meanwhile. [#raise], [#escalate]
/// and [#resolve] only write that file; [#deliverDue] sends. Whoever raises an alert calls it next,
/// and the daemon calls it every minute.
///
/// All methods may be called from several threads and processes.
public final class Alerts {

  /// A recipient gets at most so many messages in one go; the rest follows with the next.
  private static final int MOST_AT_ONCE = 10;

  /// What fails every day is told every day, even if it fails a little earlier than yesterday.
  private static final Duration REMINDER = Duration.ofHours(20);

  /// As long as another process may need to tell its alerts.
  private static final Duration DELIVERY_PATIENCE = Duration.ofSeconds(20);

  private final AlertStore store;
  private final Channels channels;
  private final Letter letter;
  private final Duration limit;
  private final Consumer<DeliveryResult> results;

  Alerts(
      Path stateDirectory,
      Channels channels,
      Letterhead letterhead,
      Redactor redactor,
      Duration limit,
      Consumer<DeliveryResult> results) {
    this.store = new AlertStore(stateDirectory.resolve("alerts"));
    this.channels = channels;
    this.letter = new Letter(letterhead, redactor);
    this.limit = limit;
    this.results = results;
  }

  /// @param tls whom mail servers and webhooks are trusted by
  /// @param results told of each attempt, in the thread that calls [#deliverDue], so that it can be
  ///   journaled; must not throw
  public static Alerts open(
      Path stateDirectory,
      AlertOptions options,
      Letterhead letterhead,
      SSLContext tls,
      Redactor redactor,
      Consumer<DeliveryResult> results) {
    return new Alerts(
        stateDirectory,
        Channels.of(options, letterhead.host(), tls, redactor),
        letterhead,
        redactor,
        WebCall.TOTAL_LIMIT,
        results);
  }

  /// Records that something is wrong. With an alert of the same key open, that one counts it and
  /// reminds everybody of it once a day, however often it is tried meanwhile; at once when
  /// something else is wrong, when it is worse, or when others have to know. The same incident
  /// twice is told once.
  public void raise(Incident incident, Instant now) throws InterruptedException {
    store.change(
        incident.key(),
        before -> {
          Optional<AlertFile> open = before.filter(AlertFile::isOpen);
          if (open.filter(file -> file.alert().occurredAt().equals(incident.occurredAt()))
              .isPresent()) {
            return before;
          }
          Alert alert = alert(open.map(AlertFile::alert), incident);
          String details = letter.details(incident);
          boolean remind = open.isEmpty() || isToldNow(open.get(), alert, now);
          // Who has not heard of it yet hears the newest.
          Set<String> told =
              remind ? channelsOf(alert.audiences()) : open.orElseThrow().pendingChannels();
          AlertFile file =
              new AlertFile(
                  alert,
                  AlertFile.State.OPEN,
                  remind ? now : open.orElseThrow().remindedAt(),
                  details,
                  before.map(AlertFile::notices).orElse(List.of()));
          return Optional.of(
              told.isEmpty() && !remind
                  ? file
                  : file.announce(letter.failure(alert, details), told, now));
        });
  }

  private static boolean isToldNow(AlertFile open, Alert alert, Instant now) {
    Alert before = open.alert();
    boolean due =
        !now.isBefore(open.remindedAt().plus(REMINDER)) || now.isBefore(open.remindedAt());
    return due
        || !alert.what().equals(before.what())
        || alert.severity().compareTo(before.severity()) > 0
        || !alert.audiences().equals(before.audiences());
  }

  private Alert alert(Optional<Alert> open, Incident incident) {
    Set<Audience> audiences = EnumSet.of(incident.audience());
    open.ifPresent(alert -> audiences.addAll(alert.audiences()));
    return new Alert(
        incident.key(),
        incident.cluster(),
        incident.severity(),
        audiences,
        open.map(Alert::since).orElse(incident.occurredAt()),
        incident.occurredAt(),
        open.map(Alert::times).orElse(0) + 1,
        incident.operation(),
        letter.clause(incident.what()));
  }

  /// Tells the administrators what the team has not solved. Does nothing when there is no such open
  /// alert or they know of it already.
  public void escalate(String key, Instant now) throws InterruptedException {
    store.change(
        key,
        before -> {
          if (before.filter(file -> file.isOpen() && !file.alert().isEscalated()).isEmpty()) {
            return before;
          }
          AlertFile file = before.get();
          Alert alert = file.alert().escalated();
          return Optional.of(
              new AlertFile(
                      alert,
                      AlertFile.State.OPEN,
                      file.remindedAt(),
                      file.details(),
                      file.notices())
                  .announce(
                      letter.escalation(alert, file.details()),
                      channels.of(Audience.ADMINISTRATORS),
                      now));
        });
  }

  /// Tells everyone who heard of the alert, once, that it is over. Does nothing when there is no
  /// such open alert.
  ///
  /// @param what in a clause, such as "logical backup works again"
  public void resolve(String key, Message what, Instant now) throws InterruptedException {
    store.change(
        key,
        before -> {
          if (before.filter(AlertFile::isOpen).isEmpty()) {
            return before;
          }
          AlertFile file = before.get();
          AlertFile closed =
              new AlertFile(
                      file.alert(),
                      AlertFile.State.CLOSED,
                      file.remindedAt(),
                      file.details(),
                      file.notices())
                  .announce(
                      letter.resolution(file.alert(), letter.clause(what), now),
                      channelsOf(file.alert().audiences()),
                      now);
          return Optional.of(closed).filter(each -> !each.isDone());
        });
  }

  private Set<String> channelsOf(Set<Audience> audiences) {
    Set<String> ids = new LinkedHashSet<>();
    audiences.forEach(audience -> ids.addAll(channels.of(audience)));
    return ids;
  }

  /// What is wrong now, the oldest first. A file that cannot be read is itself an alert: nobody
  /// knows any more what it said.
  public List<Alert> open() {
    AlertStore.Contents contents = store.read();
    List<Alert> open = new ArrayList<>();
    contents.readable().values().stream()
        .filter(AlertFile::isOpen)
        .map(AlertFile::alert)
        .sorted(Comparator.comparing(Alert::since))
        .forEach(open::add);
    contents.unreadable().forEach(file -> open.add(unreadable(file)));
    return open;
  }

  private Alert unreadable(AlertStore.Unreadable file) {
    return new Alert(
        file.path().getFileName().toString(),
        "-",
        Severity.WARNING,
        Set.of(Audience.TEAM),
        file.since(),
        file.since(),
        1,
        Optional.empty(),
        letter.clause(Message.message("an alert cannot be read: {0}", file.path())));
  }

  /// What someone has still to receive, or never will.
  public List<Undelivered> undelivered() {
    List<Undelivered> undelivered = new ArrayList<>();
    for (AlertFile file : store.read().readable().values()) {
      for (Notice notice : file.notices()) {
        for (Delivery delivery : notice.deliveries()) {
          if (delivery.deliveredAt().isEmpty()) {
            undelivered.add(
                new Undelivered(
                    file.alert().key(),
                    notice.announcement().subject(),
                    delivery.channel(),
                    delivery.attempts(),
                    delivery.lastError(),
                    delivery.nextAttempt()));
          }
        }
      }
    }
    return undelivered;
  }

  /// A notice and one recipient who has still to receive it.
  private record Due(String key, Notice notice, Delivery delivery) {}

  /// Sends what is due, to all recipients at once and to each the oldest first, and returns when
  /// all have been tried. A recipient that fails gets nothing more until its next attempt.
  ///
  /// A message whose sending could not be recorded, because of a crash in between, is sent again.
  public void deliverDue(Instant now) throws InterruptedException {
    if (firstDueOfEach(now, Set.of()).isEmpty()) {
      return;
    }
    try (AlertStore.Hold _ = store.hold("delivery.lock", DELIVERY_PATIENCE)) {
      Set<String> failed = new HashSet<>();
      for (int i = 0; i < MOST_AT_ONCE; i++) {
        List<Due> due = firstDueOfEach(now, failed); // another process may just have sent the rest
        if (due.isEmpty()) {
          return;
        }
        sendAll(
            due,
            now,
            (each, problem) -> {
              record(each, problem, now);
              problem.ifPresent(_ -> failed.add(each.delivery().channel()));
            });
      }
    }
  }

  private List<Due> firstDueOfEach(Instant now, Set<String> without) {
    Map<String, Due> first = new LinkedHashMap<>();
    store.read().readable().values().stream()
        .flatMap(file -> dueOf(file, now))
        .filter(due -> !without.contains(due.delivery().channel()))
        .sorted(Comparator.comparing(due -> due.notice().at()))
        .forEach(due -> first.putIfAbsent(due.delivery().channel(), due));
    return List.copyOf(first.values());
  }

  private static Stream<Due> dueOf(AlertFile file, Instant now) {
    return file.notices().stream()
        .flatMap(notice ->
            notice.deliveries().stream()
                .filter(delivery -> delivery.isDue(now))
                .map(delivery -> new Due(file.alert().key(), notice, delivery)));
  }

  private void record(Due due, Optional<Message> problem, Instant now) throws InterruptedException {
    UnaryOperator<Delivery> outcome =
        delivery ->
            problem.isEmpty()
                ? delivery.delivered(now)
                : delivery.failed(letter.clause(problem.get()), due.notice().at(), now);
    String channel = due.delivery().channel();
    store.change(
        due.key(),
        before ->
            before
                .map(file -> file.with(due.notice().number(), channel, outcome))
                .filter(file -> !file.isDone()));
    Delivery after = outcome.apply(due.delivery());
    results.accept(
        new DeliveryResult(due.key(), channel, after.attempts(), problem, after.nextAttempt()));
  }

  /// Sends a test message to everyone, now and once.
  ///
  /// @return how that went for each recipient, in the order of the configuration
  public List<DeliveryResult> sendTest(Instant now) throws InterruptedException {
    Announcement test = letter.test(now);
    Notice notice =
        new Notice(
            1,
            now,
            test,
            channels.byId().keySet().stream().map(id -> Delivery.due(id, now)).toList());
    Map<String, Optional<Message>> problems = new HashMap<>();
    sendAll(
        notice.deliveries().stream().map(each -> new Due(test.key(), notice, each)).toList(),
        now,
        (due, problem) -> problems.put(due.delivery().channel(), problem));
    return notice.deliveries().stream()
        .map(Delivery::channel)
        .map(id ->
            new DeliveryResult(
                test.key(), id, 1, problems.getOrDefault(id, Optional.empty()), Optional.empty()))
        .toList();
  }

  @FunctionalInterface
  private interface Outcome {
    void accept(Due due, Optional<Message> problem) throws InterruptedException;
  }

  private record Attempt(Due due, Optional<Message> problem) {}

  /// @param outcome called in this thread, for each attempt as soon as it has ended
  private void sendAll(List<Due> all, Instant now, Outcome outcome) throws InterruptedException {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Attempt> attempts = new ExecutorCompletionService<>(executor);
      all.forEach(due -> attempts.submit(() -> new Attempt(due, send(due, now))));
      try {
        for (int i = 0; i < all.size(); i++) {
          Attempt attempt = attempts.take().get();
          outcome.accept(attempt.due(), attempt.problem());
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("an attempt only fails by what it returns", e);
      } finally {
        executor.shutdownNow();
      }
    }
  }

  private Optional<Message> send(Due due, Instant now) throws InterruptedException {
    Optional<Channel> channel = channels.find(due.delivery().channel());
    if (channel.isEmpty()) {
      return Optional.of(Message.message("no longer in the configuration"));
    }
    try {
      Announcement announcement = due.notice().announcement();
      TimeLimit.run(limit, () -> channel.get().send(announcement, now));
      return Optional.empty();
    } catch (DeliveryFailed e) {
      return Optional.of(e.problem());
    }
  }
}
