package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.DatabaseScript;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Brings one database back from a physical backup, into a server that runs: the backup is restored
/// into a scratch server, the database is dumped from there and loaded beside the live ones. The
/// fall-back when no dump of the database does.
public final class DatabaseExtract {

  private DatabaseExtract() {}

  /// @param admin a superuser's connection to the running server
  /// @param scratch has room for the whole cluster
  /// @param serverUser who runs the scratch server
  public static LogicalRestoreRun.Result run(
      RestoreContext context,
      BackupSource source,
      String database,
      ConnectionSettings admin,
      Path scratch,
      OsUser serverUser)
      throws IOException, InterruptedException {
    DatabaseSwap swap;
    try (PgSession session = PgSession.connect(DatabaseSwap.awayFrom(admin, database))) {
      swap =
          DatabaseSwap.plan(
              admin, ClusterFacts.probe(session), database, source.backup().label().text());
    }
    int major = source.backup().server().version().major();
    LoadMark.dropLeftovers(context, swap.server());
    SqlLoader loader = new SqlLoader(context, swap.server(), major, Optional.empty());
    try (ScratchPlace place = ScratchPlace.create(scratch, serverUser);
        RestoredServer restored = RestoredServer.start(context, source, place, List.of())) {
      copyRoles(context, restored, loader);
      boolean swapped = false;
      try {
        loader.createDatabase(createScript(restored, database), swap.workName());
        LoadMark.put(context, swap.server(), swap.workName());
        Path dump = dump(context, restored, database, place);
        context.events().accept(new Event.StepStarted(message("load database {0}", database)));
        loader.loadScript(
            swap.workName(), message("load database {0}", database), out -> copy(dump, out));
        Validation validation =
            LogicalRestoreRun.validate(
                context, swap, database, source.fingerprint(database), BackupKind.PHYSICAL);
        swap.run(context.events());
        swapped = true;
        return new LogicalRestoreRun.Result(swap.target(), swap.keptAs(), validation);
      } finally {
        if (!swapped) {
          swap.drop(context.events());
        }
      }
    }
  }

  private static String createScript(RestoredServer restored, String database) {
    try (PgSession session = PgSession.connect(restored.connection(database))) {
      return DatabaseScript.of(session, database, ClusterFacts.probe(session).version());
    }
  }

  private static void copyRoles(RestoreContext context, RestoredServer restored, SqlLoader loader)
      throws IOException, InterruptedException {
    String script =
        new ToolRun(
                context.redactor(),
                restored.program("pg_dumpall"),
                List.of("--globals-only", "--no-password"))
            .environment(restored.connection(ScratchCluster.MAINTENANCE).environment())
            .text(context.limit());
    GlobalsScript globals = GlobalsScript.parse(script);
    Set<String> missing = loader.missingRoles(globals);
    loader.createRoles(globals, missing);
  }

  private static Path dump(
      RestoreContext context, RestoredServer restored, String database, ScratchPlace place)
      throws IOException, InterruptedException {
    context
        .events()
        .accept(
            new Event.StepStarted(message("dump database {0} from the restored copy", database)));
    Path dump = place.root().resolve("extract.sql");
    ToolRun.Outcome outcome;
    try (OutputStream out = Files.newOutputStream(dump)) {
      outcome =
          new ToolRun(
                  context.redactor(),
                  restored.program("pg_dump"),
                  List.of("--format=plain", "--no-password"))
              .environment(restored.connection(database).environment())
              .environment(Map.of("HOME", "/nonexistent"))
              .run(context.limit(), in -> in.transferTo(out));
    }
    if (!outcome.succeeded()) {
      throw new OperationFailed(
          Failure.RESTORE_FAILED,
          message(
              "database {0} cannot be dumped from the restored copy: {1}",
              database, outcome.complaint()));
    }
    return dump;
  }

  private static void copy(Path dump, OutputStream out) throws IOException {
    try (InputStream in = Files.newInputStream(dump)) {
      in.transferTo(out);
    }
  }
}
