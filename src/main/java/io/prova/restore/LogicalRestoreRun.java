package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.postgres.fingerprint.Fingerprint;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// Restores one database from a dump. It is loaded and validated under another name; only then it
/// gets its own, in one transaction with the renaming of the one that it replaces. Whatever fails
/// before leaves everything as it was.
public final class LogicalRestoreRun {

  private LogicalRestoreRun() {}

  /// @param keptAs the replaced database, under its new name
  public record Result(String database, Optional<String> keptAs, Validation validation) {}

  public static Result run(RestoreContext context, BackupSource source, LogicalRestorePlan plan)
      throws IOException, InterruptedException {
    LogicalLoad load = new LogicalLoad(context, source, plan.server(), Optional.empty());
    if (!plan.missingRoles().isEmpty()) {
      context
          .events()
          .accept(new Event.StepStarted(message("create roles {0}", plan.missingRoles())));
      load.createMissingRoles();
    }
    context.events().accept(new Event.StepStarted(message("create database {0}", plan.workName())));
    boolean renamed = false;
    try {
      load.createDatabase(plan.database(), plan.workName());
      load.load(plan.database(), plan.workName(), plan.jobs());
      Validation validation = validate(context, source, plan);
      if (!validation.isEqual()) {
        throw new OperationFailed(
            Failure.VALIDATION_FAILED,
            message(
                "database {0} was loaded, but differs from what it was at backup time: {1}",
                plan.database().name(), validation.differences().stream().limit(10).toList()),
            message(
                "It was dropped again. prova recover takes the next best backup; --no-validate keeps it as it is."));
      }
      takeName(context, plan);
      renamed = true;
      return new Result(
          plan.target(),
          plan.replaces() ? Optional.of(plan.keptAs()) : Optional.empty(),
          validation);
    } finally {
      if (!renamed) {
        drop(context, plan);
      }
    }
  }

  private static Validation validate(
      RestoreContext context, BackupSource source, LogicalRestorePlan plan) throws IOException {
    Optional<Fingerprint> expected = source.fingerprint(plan.database().name());
    if (!plan.validate() || expected.isEmpty()) {
      context
          .events()
          .accept(new Event.Warned(message("the loaded data was not compared with anything")));
      return Validation.NOTHING;
    }
    return Validation.run(
        Map.of(plan.database().name(), expected.get()),
        name -> plan.server().withDatabase(plan.workName()),
        BackupKind.LOGICAL,
        context.clock(),
        context.events());
  }

  /// Renaming needs that nobody is connected. New connections are refused first, or they would come
  /// back as fast as they are ended.
  private static void takeName(RestoreContext context, LogicalRestorePlan plan)
      throws InterruptedException {
    context
        .events()
        .accept(new Event.StepStarted(message("give database {0} its name", plan.target())));
    String target = PgSession.identifier(plan.target());
    String kept = PgSession.identifier(plan.keptAs());
    String loaded = PgSession.identifier(plan.workName());
    try (PgSession session = PgSession.connect(plan.server())) {
      endSessions(session, plan.workName());
      if (!plan.replaces()) {
        session.execute("ALTER DATABASE %s RENAME TO %s".formatted(loaded, target));
        return;
      }
      session.execute("ALTER DATABASE %s ALLOW_CONNECTIONS false".formatted(target));
      try {
        endSessions(session, plan.target());
        session.execute("BEGIN");
        session.execute("ALTER DATABASE %s RENAME TO %s".formatted(target, kept));
        session.execute("ALTER DATABASE %s RENAME TO %s".formatted(loaded, target));
        session.execute("COMMIT");
      } catch (SqlFailed e) {
        session.execute("ROLLBACK");
        session.execute("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(target));
        throw e;
      }
      session.execute("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(kept));
    }
  }

  private static void endSessions(PgSession session, String database) throws InterruptedException {
    for (int attempt = 0; attempt < 100; attempt++) {
      int left =
          session
              .query(
                  "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ?",
                  row -> row.getBoolean(1),
                  database)
              .size();
      if (left == 0) {
        return;
      }
      Thread.sleep(50);
    }
  }

  private static void drop(RestoreContext context, LogicalRestorePlan plan) {
    try (PgSession session = PgSession.connect(plan.server())) {
      session.execute(
          "DROP DATABASE IF EXISTS %s WITH (FORCE)"
              .formatted(PgSession.identifier(plan.workName())));
    } catch (OperationFailed | SqlFailed e) {
      context
          .events()
          .accept(
              new Event.Warned(
                  message(
                      "database {0} is left over and can be dropped: {1}",
                      plan.workName(), String.valueOf(e.getMessage()))));
    }
  }
}
