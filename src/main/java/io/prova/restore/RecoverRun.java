package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.Backup;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.SqlFailed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The plan's section 7: restore from the best restore point; when that fails, tell the
/// administrators and take the alternative, until one succeeds.
public final class RecoverRun {

  /// Failures that the next rung would meet as well: nothing is gained by trying, and nothing was
  /// touched.
  private static final Set<Failure> HOPELESS =
      EnumSet.of(
          Failure.PRIVILEGE, Failure.CONFIG, Failure.BUSY, Failure.CLUSTER_MISMATCH, Failure.TOOLS);

  private RecoverRun() {}

  /// @param admin a superuser's connection
  /// @param backups the connection that backups are taken with
  /// @param scratch where scratch servers may be put
  /// @param serverUser who runs them
  public record Request(
      Ladder ladder,
      ServiceChoice service,
      ConnectionSettings admin,
      ConnectionSettings backups,
      Path scratch,
      OsUser serverUser) {}

  /// Hears of each rung that failed, at once.
  @FunctionalInterface
  public interface FailureListener {
    void failed(Rung rung, Message why) throws InterruptedException;
  }

  /// @param failed the rungs above it, with what went wrong
  /// @param kept where what was replaced is now
  public record Result(Rung rung, List<Message> failed, List<String> kept, Validation validation) {}

  /// @throws OperationFailed (RECOVERY_FAILED) when no rung held
  public static Result run(RestoreContext context, Request request, FailureListener listener)
      throws InterruptedException {
    List<Message> failures = new ArrayList<>();
    for (Rung rung : request.ladder.rungs()) {
      Backup backup = rung.entry().backup();
      context
          .events()
          .accept(new Event.StepStarted(message("restore point {0}", backup.label().toString())));
      try {
        return climb(context, request, rung, failures);
      } catch (OperationFailed e) {
        if (HOPELESS.contains(e.failure())) {
          throw e;
        }
        tell(context, listener, rung, e.problem(), failures);
      } catch (SqlFailed e) {
        tell(
            context,
            listener,
            rung,
            message("PostgreSQL refused: {0}", String.valueOf(e.getMessage())),
            failures);
      } catch (IOException e) {
        tell(context, listener, rung, Problems.of(e), failures);
      }
    }
    throw new OperationFailed(
        Failure.RECOVERY_FAILED,
        request.ladder.rungs().isEmpty()
            ? message("there is no backup to recover from")
            : message("no restore point could be restored: {0}", failures),
        message(
            "Nothing that existed before was deleted. The runbook \"recovery failed\" says what to do by hand."));
  }

  private static void tell(
      RestoreContext context,
      FailureListener listener,
      Rung rung,
      Message why,
      List<Message> failures)
      throws InterruptedException {
    Message told = message("{0}: {1}", rung.entry().label().toString(), why);
    failures.add(told);
    context.events().accept(new Event.Warned(message("this restore point failed: {0}", told)));
    listener.failed(rung, why);
  }

  private static Result climb(
      RestoreContext context, Request request, Rung rung, List<Message> failures)
      throws IOException, InterruptedException {
    BackupSource source = BackupSource.verified(context, rung.entry().backup());
    return switch (rung.way()) {
      case LOAD_DATABASE -> {
        String database = request.ladder.database().orElseThrow();
        LogicalRestorePlan plan =
            LogicalRestorePlanner.plan(
                context,
                new LogicalRestorePlanner.Request(
                    source, database, database, true, RestoredServer.jobs(), true),
                request.admin);
        LogicalRestoreRun.Result result = LogicalRestoreRun.run(context, source, plan);
        yield new Result(rung, List.copyOf(failures), kept(result), result.validation());
      }
      case EXTRACT_DATABASE -> {
        String database = request.ladder.database().orElseThrow();
        LogicalRestoreRun.Result result =
            DatabaseExtract.run(
                context, source, database, request.admin, request.scratch, request.serverUser);
        yield new Result(rung, List.copyOf(failures), kept(result), result.validation());
      }
      case REPLACE_CLUSTER -> {
        InPlaceRestorePlan plan =
            InPlaceRestorePlanner.plan(
                context, source.backup(), request.service, request.admin, true);
        yield result(rung, failures, InPlaceRestoreRun.run(context, source, plan));
      }
      case REBUILD_CLUSTER ->
          result(
              rung,
              failures,
              ClusterRebuild.run(
                  context,
                  source,
                  request.service,
                  request.admin,
                  request.backups,
                  request.scratch));
    };
  }

  private static List<String> kept(LogicalRestoreRun.Result result) {
    return result.keptAs().map(List::of).orElse(List.of());
  }

  private static Result result(Rung rung, List<Message> failures, InPlaceRestoreRun.Result result) {
    List<String> kept = result.keptAs().values().stream().map(Path::toString).sorted().toList();
    return new Result(rung, List.copyOf(failures), kept, result.validation());
  }

  /// What a way back does, in words.
  public static Message describe(Rung rung, Optional<String> database) {
    return switch (rung.way()) {
      case LOAD_DATABASE ->
          message(
              "load the dump of database {0}, then swap it with the live one",
              database.orElse("-"));
      case EXTRACT_DATABASE ->
          message(
              "restore the cluster aside, take database {0} out of it, then swap",
              database.orElse("-"));
      case REPLACE_CLUSTER ->
          message("stop the service, put the physical backup in place, start, check");
      case REBUILD_CLUSTER -> message("build a new cluster from the dumps, then put it in place");
    };
  }
}
