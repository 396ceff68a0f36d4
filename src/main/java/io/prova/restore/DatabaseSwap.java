package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
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

  private static final int ATTEMPTS_TO_END_SESSIONS = 100;

  /// @param suffix for the name that the old database gets
  static DatabaseSwap plan(
      ConnectionSettings admin, ClusterFacts facts, String target, String suffix) {
    Set<String> taken =
        facts.databases().stream().map(ClusterFacts.Database::name).collect(Collectors.toSet());
    return new DatabaseSwap(
        awayFrom(admin, target),
        freeName(cut("prova_loading_" + target), taken),
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

  /// Renaming needs that nobody is connected. New connections are refused first, or they would come
  /// back as fast as they are ended.
  void run(Consumer<Event> events) throws InterruptedException {
    events.accept(new Event.StepStarted(message("give database {0} its name", target)));
    String wanted = PgSession.identifier(target);
    String loaded = PgSession.identifier(workName);
    try (PgSession session = PgSession.connect(server)) {
      endSessions(session, workName);
      if (keptAs.isEmpty()) {
        session.execute("ALTER DATABASE %s RENAME TO %s".formatted(loaded, wanted));
        return;
      }
      String kept = PgSession.identifier(keptAs.get());
      session.execute("ALTER DATABASE %s ALLOW_CONNECTIONS false".formatted(wanted));
      try {
        endSessions(session, target);
        session.execute("BEGIN");
        session.execute("ALTER DATABASE %s RENAME TO %s".formatted(wanted, kept));
        session.execute("ALTER DATABASE %s RENAME TO %s".formatted(loaded, wanted));
        session.execute("COMMIT");
      } catch (SqlFailed e) {
        session.execute("ROLLBACK");
        session.execute("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(wanted));
        throw e;
      }
      session.execute("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(kept));
    }
  }

  private static void endSessions(PgSession session, String database) throws InterruptedException {
    for (int attempt = 0; attempt < ATTEMPTS_TO_END_SESSIONS; attempt++) {
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
