package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.base.TaskGroup;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Puts a loaded database under its name, in one transaction with the renaming of the one that had
/// it.
///
/// @param server a superuser's connection to neither of them
/// @param workName under which the database was loaded
/// @param target the name it gets
/// @param keptAs the new name of the database that has `target` now, if one has
record DatabaseSwap(
    ConnectionSettings server, String workName, String target, Optional<String> keptAs) {

  /// PostgreSQL cuts longer names off, silently.
  private static final int LONGEST_NAME_BYTES = 63;

  private static final Duration POLL = Duration.ofMillis(50);

  /// @param suffix for the name that the old database gets
  static DatabaseSwap plan(
      ConnectionSettings admin, ClusterFacts facts, String target, String suffix) {
    Set<String> taken =
        facts.databases().stream().map(ClusterFacts.Database::name).collect(Collectors.toSet());
    return new DatabaseSwap(
        awayFrom(admin, target),
        freeName(cut(LoadMark.WORK_NAME + target), taken),
        target,
        taken.contains(target)
            ? Optional.of(freeName(keptName(target, suffix), taken))
            : Optional.empty());
  }

  static String keptName(String target, String suffix) {
    return cut(target + "_before_" + suffix);
  }

  /// A database cannot be renamed by whoever is connected to it.
  static ConnectionSettings awayFrom(ConnectionSettings admin, String database) {
    if (!admin.database().equals(database)) {
      return admin;
    }
    return admin.withDatabase(database.equals("postgres") ? "template1" : "postgres");
  }

  /// As many bytes as PostgreSQL keeps, with room for an ordinal, without cutting a character in
  /// two.
  private static String cut(String name) {
    String cut = name;
    while (cut.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME_BYTES - 3) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }

  private static String freeName(String wanted, Set<String> taken) {
    String name = wanted;
    for (int ordinal = 2; taken.contains(name); ordinal++) {
      name = wanted + "_" + ordinal;
    }
    return name;
  }

  /// Everything happens in one transaction, and nothing before it: whatever ends this process or
  /// the server leaves the old database or the new one under the name, open to everybody.
  void run(Consumer<Event> events) throws IOException, InterruptedException {
    events.accept(new Event.StepStarted(message("give database {0} its name", target)));
    try (PgSession session = PgSession.connect(server);
        PgSession ender = PgSession.connect(server)) {
      session.execute("BEGIN");
      try {
        if (keptAs.isPresent()) {
          rename(session, ender, target, keptAs.get());
        }
        session.execute(
            "ALTER DATABASE %s RESET %s".formatted(PgSession.identifier(workName), LoadMark.NAME));
        rename(session, ender, workName, target);
        session.execute("COMMIT");
      } catch (SqlFailed e) {
        session.execute("ROLLBACK");
        throw e;
      }
    }
  }

  /// Renaming locks the database against new connections first, then waits 5 s for those that there
  /// are to go (`RenameDatabase` in `src/backend/commands/dbcommands.c`): meanwhile they are ended.
  private static void rename(PgSession session, PgSession ender, String from, String to)
      throws IOException, InterruptedException {
    try (TaskGroup group = TaskGroup.ofWaiters()) {
      Future<Void> renamed =
          group.submit(() -> {
            session.execute(
                "ALTER DATABASE %s RENAME TO %s"
                    .formatted(PgSession.identifier(from), PgSession.identifier(to)));
            return null;
          });
      while (!renamed.isDone()) {
        endSessions(ender, from);
        Thread.sleep(POLL);
      }
      TaskGroup.join(renamed);
    }
  }

  private static void endSessions(PgSession ender, String database) {
    ender.query(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ?",
        row -> row.getBoolean(1),
        database);
  }

  /// Gives the loaded database up.
  void drop(Consumer<Event> events) {
    try (PgSession session = PgSession.connect(server)) {
      if (session.yes(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = ? AND datistemplate)",
          workName)) {
        // A copy of a template is one too by now, and those cannot be dropped.
        session.execute(
            "ALTER DATABASE %s IS_TEMPLATE false".formatted(PgSession.identifier(workName)));
      }
      session.execute(
          "DROP DATABASE IF EXISTS %s WITH (FORCE)".formatted(PgSession.identifier(workName)));
    } catch (OperationFailed | SqlFailed e) {
      events.accept(
          new Event.Warned(
              message(
                  "database {0} is left over and can be dropped: {1}", workName, Problems.of(e))));
    }
  }
}
