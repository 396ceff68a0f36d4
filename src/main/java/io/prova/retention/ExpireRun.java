package io.prova.retention;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Label;
import io.prova.catalog.Repository;
import io.prova.catalog.Trash;
import io.prova.catalog.TrashNote;
import io.prova.retention.RetentionPlan.Decision;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Lets go of what no rule keeps: into the trash, and out of it after the undo window.
public final class ExpireRun {

  private ExpireRun() {}

  /// What an expiry works on.
  ///
  /// @param serverClockAhead see [RetentionPlanner.Facts]
  public record Request(
      Repository repository,
      Map<BackupKind, RetentionPolicy> policies,
      Optional<Duration> serverClockAhead,
      ZoneId zone,
      InstantSource clock,
      String operation) {}

  /// What was done.
  public record Result(RetentionPlan plan, List<Label> trashed, List<Label> purged) {}

  /// What a run would do now.
  public static RetentionPlan plan(Request request) throws IOException {
    Instant now = request.clock.instant();
    Trash.Contents trash = request.repository.trash().contents();
    return RetentionPlanner.plan(
        new RetentionPlanner.Facts(
            request.repository.catalog().list(),
            trash.notes(),
            trash.withoutNote(),
            now,
            request.zone,
            request.serverClockAhead),
        request.policies);
  }

  /// @throws OperationFailed (BUSY) if backups are being made or read now; a later run does it
  public static Result run(Request request, Consumer<Event> events) throws IOException {
    Repository repository = request.repository;
    String holder =
        "expire, operation " + request.operation + ", pid " + ProcessHandle.current().pid();
    try (FileLock writing = repository.lockForWriting(holder);
        FileLock reading = lockAgainstReaders(repository, holder)) {
      repository.sweep();
      // Only now, with nobody else at work, does the listing mean anything.
      RetentionPlan plan = plan(request);
      // The trash is emptied first: that makes room, which moving things there may need.
      List<Label> purged = new ArrayList<>();
      for (TrashNote note : plan.purges()) {
        events.accept(
            new Event.StepStarted(message("remove {0} for good", note.label().toString())));
        repository.trash().purge(note);
        purged.add(note.label());
      }
      List<Label> trashed = new ArrayList<>();
      for (Decision decision : plan.leaving()) {
        Backup backup = decision.entry().backup();
        events.accept(
            new Event.StepStarted(message("move {0} to the trash", backup.label().toString())));
        repository
            .trash()
            .put(
                backup,
                request.clock.instant(),
                request.operation,
                message("no rule keeps it").toString());
        trashed.add(backup.label());
      }
      return new Result(plan, trashed, purged);
    }
  }

  private static FileLock lockAgainstReaders(Repository repository, String holder)
      throws IOException {
    return repository
        .tryLockAgainstReaders(holder)
        .orElseThrow(() ->
            new OperationFailed(
                Failure.BUSY,
                message(
                    "backups in {0} are being read (a restore, a drill or a verify), so none is removed now",
                    repository.root()),
                message("The next run does it.")));
  }
}
