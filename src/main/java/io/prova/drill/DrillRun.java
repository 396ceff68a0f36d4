package io.prova.drill;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.base.TaskGroup;
import io.prova.catalog.Backup;
import io.prova.catalog.DamagedException;
import io.prova.drill.DrillCheck.Outcome;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ScratchServer;
import io.prova.postgres.connection.SqlFailed;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.FingerprintComparison;
import io.prova.postgres.fingerprint.FingerprintComparison.Check;
import io.prova.restore.BackupSource;
import io.prova.restore.RestoredServer;
import io.prova.restore.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Tests one backup by restoring it: into a scratch place, with a server started on it, its data
/// compared with what it was. Leaves evidence, and nothing else.
public final class DrillRun {

  private static final int MOST_DETAILS = 50;

  private final DrillContext context;
  private final Backup backup;
  private final Instant started;
  private final List<Evidence.Phase> phases = new ArrayList<>();
  private final List<DrillCheck> checks = new ArrayList<>();
  private final List<Message> reasons = new ArrayList<>();
  private final List<Message> isolation = new ArrayList<>();
  private Duration restoreTime = Duration.ZERO;
  private String scratchVersion = "";
  private boolean dataCompared;

  private DrillRun(DrillContext context, Backup backup) {
    this.context = context;
    this.backup = backup;
    this.started = context.restore().clock().instant();
  }

  /// @return the evidence, whatever the verdict; only an interrupt ends it without
  public static Evidence run(DrillContext context, Backup backup) throws InterruptedException {
    return new DrillRun(context, backup).run();
  }

  private Evidence run() throws InterruptedException {
    Verdict verdict;
    try (TaskGroup group = TaskGroup.ofWorkers(1)) {
      Future<Void> test = group.submit(this::test);
      test.get(context.options().timeLimit().toMillis(), TimeUnit.MILLISECONDS);
      verdict = judge();
    } catch (TimeoutException e) {
      reasons.add(
          message("not finished after {0}, the drill's time limit", context.options().timeLimit()));
      verdict = Verdict.NOT_TESTED;
    } catch (java.util.concurrent.ExecutionException e) {
      verdict = judge(e.getCause());
    }
    return new Evidence(
        backup,
        context.restore().operation(),
        context.who(),
        context.host(),
        context.provaVersion(),
        scratchVersion,
        started,
        context.restore().clock().instant(),
        List.copyOf(phases),
        restoreTime,
        Duration.between(backup.consistentAt(), started),
        List.copyOf(isolation),
        List.copyOf(checks),
        verdict,
        List.copyOf(reasons));
  }

  private Void test() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    for (Path swept : ScratchPlace.sweep(context.options().directory())) {
      tell(new Event.Noted(message("removed what an interrupted drill left: {0}", swept)));
    }
    BackupSource source =
        timed(
            message("read and verify the backup"),
            () -> BackupSource.verified(context.restore(), backup));
    checks.add(
        passed(
            message("every byte of the backup"),
            message(
                "{0} {0|file|files}, {1}, each as it was written",
                backup.files(), backup.stored())));
    try (ScratchPlace place =
            ScratchPlace.create(context.options().directory(), context.serverUser());
        RestoredServer restored =
            timed(
                message("restore and start a server"),
                () ->
                    RestoredServer.start(
                        context.restore(), source, place, context.options().preloadLibraries()))) {
      restoreTime = Duration.ofNanos(System.nanoTime() - begin);
      ScratchServer server = restored.server();
      scratchVersion = restored.version();
      describeIsolation(server);
      timed(message("compare the data"), () -> compare(source, restored));
      timed(message("pg_amcheck"), () -> checks.add(Amcheck.run(context, restored)));
      timed(
          message("assertions"),
          () -> checks.addAll(Assertions.run(context.options().assertions(), restored)));
      readLog(server);
    }
    return null;
  }

  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  private <T> T timed(Message name, Work<T> work) throws IOException, InterruptedException {
    tell(new Event.StepStarted(name));
    long begin = System.nanoTime();
    try {
      return work.run();
    } finally {
      phases.add(new Evidence.Phase(name, Duration.ofNanos(System.nanoTime() - begin)));
    }
  }

  private void tell(Event event) {
    context.restore().events().accept(event);
  }

  private static DrillCheck passed(Message name, Message summary) {
    return new DrillCheck(name, Outcome.PASSED, summary, List.of());
  }

  private void describeIsolation(ScratchServer server) {
    isolation.add(message("own directory and socket, no TCP"));
    isolation.add(
        server.withoutNetwork()
            ? message("no network interface at all (network name space)")
            : message("network not taken away (needs root)"));
    isolation.add(message("archiving, replication, subscriptions and preloaded libraries off"));
    isolation.add(message("run by operating-system user {0}", context.serverUser().name()));
  }

  private Void compare(BackupSource source, RestoredServer restored) throws IOException {
    Message name = message("data equal to what it was at backup time");
    Map<String, Fingerprint> expected = source.fingerprints();
    if (expected.isEmpty()) {
      checks.add(
          new DrillCheck(
              name, Outcome.NOT_TESTED, message("the backup has no fingerprint"), List.of()));
      return null;
    }
    Validation validation =
        Validation.run(
            expected,
            restored::connection,
            backup.kind(),
            context.restore().clock(),
            context.restore().events());
    Message summary =
        message(
            "{0} {0|table|tables} equal in content, {1} counted only, {2} not compared, {3} different",
            validation.tables(FingerprintComparison.Outcome.EQUAL),
            validation.tables(FingerprintComparison.Outcome.COUNTED),
            validation.tables(FingerprintComparison.Outcome.NOT_COMPARED),
            validation.tables(FingerprintComparison.Outcome.DIFFERENT));
    if (!validation.isEqual()) {
      checks.add(
          new DrillCheck(
              name,
              Outcome.FAILED,
              summary,
              validation.differences().stream().limit(MOST_DETAILS).toList()));
    } else if (validation.proves()) {
      dataCompared = true;
      checks.add(new DrillCheck(name, Outcome.PASSED, summary, notCompared(validation)));
    } else {
      checks.add(new DrillCheck(name, Outcome.NOT_TESTED, summary, notCompared(validation)));
    }
    return null;
  }

  private static List<Message> notCompared(Validation validation) {
    List<Message> details = new ArrayList<>();
    for (FingerprintComparison comparison : validation.comparisons()) {
      for (Check check : comparison.checks()) {
        boolean worthTelling =
            check.outcome() == FingerprintComparison.Outcome.NOT_COMPARED
                || check.outcome() == FingerprintComparison.Outcome.COUNTED;
        if (worthTelling && details.size() < MOST_DETAILS) {
          details.add(
              message("{0}: {1}: {2}", comparison.database(), check.subject(), check.detail()));
        }
      }
    }
    return details;
  }

  private void readLog(ScratchServer server) {
    Message name = message("the server's log");
    List<String> trouble = server.trouble();
    if (trouble.isEmpty()) {
      checks.add(passed(name, message("no PANIC, FATAL or ERROR")));
    } else {
      checks.add(
          new DrillCheck(
              name,
              Outcome.FAILED,
              message("{0} {0|line|lines} of trouble", trouble.size()),
              trouble.stream().limit(MOST_DETAILS).map(line -> message("{0}", line)).toList()));
    }
  }

  private Verdict judge() {
    for (DrillCheck check : checks) {
      if (check.outcome() == Outcome.FAILED) {
        reasons.add(message("{0}: {1}", check.name(), check.summary()));
      }
    }
    if (!reasons.isEmpty()) {
      return Verdict.FAILED;
    }
    for (DrillCheck check : checks) {
      if (check.outcome() == Outcome.NOT_TESTED) {
        reasons.add(message("{0}: {1}", check.name(), check.summary()));
      }
    }
    return dataCompared ? Verdict.PROVEN : Verdict.STARTED;
  }

  /// A failure that speaks of the backup fails the drill; one that speaks of this machine (no room,
  /// no programs, no rights) leaves the backup untested.
  private Verdict judge(@Nullable Throwable failure) throws InterruptedException {
    if (failure instanceof InterruptedException interrupted) {
      throw interrupted;
    }
    reasons.add(
        switch (failure) {
          case OperationFailed failed -> failed.problem();
          case IOException io -> Problems.of(io);
          case SqlFailed failed ->
              message(
                  "the restored server refused a query: {0}", String.valueOf(failed.getMessage()));
          case null, default -> message("unexpected: {0}", String.valueOf(failure));
        });
    boolean aboutBackup =
        failure instanceof SqlFailed
            || failure instanceof DamagedException
            || (failure instanceof OperationFailed failed && isAboutBackup(failed));
    return aboutBackup ? Verdict.FAILED : Verdict.NOT_TESTED;
  }

  private static boolean isAboutBackup(OperationFailed failed) {
    String said = failed.problem().toString();
    boolean machine =
        said.contains("No space left on device")
            || said.contains("time limit")
            || said.contains("Cannot allocate memory");
    boolean backupFailure =
        failed.failure() == Failure.DAMAGED
            || failed.failure() == Failure.RESTORE_FAILED
            || failed.failure() == Failure.VALIDATION_FAILED;
    return backupFailure && !machine;
  }
}
