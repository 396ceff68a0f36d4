package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ScratchServer;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Making new clusters.
final class ScratchCluster {

  /// Where one connects to drop and create databases, `postgres` among them.
  static final String MAINTENANCE = "template1";

  private ScratchCluster() {}

  /// The server of exactly the backup's major: another cannot read its files, and a dump is to be
  /// tested where it will be needed.
  static Tool serverProgram(RestoreContext context, int major)
      throws IOException, InterruptedException {
    List<Tool> found =
        context.tools().all("postgres").stream()
            .filter(tool -> tool.version().major() == major)
            .toList();
    if (found.isEmpty()) {
      throw new OperationFailed(
          Failure.TOOLS,
          message("the server of PostgreSQL {0} is not installed here", major),
          message("Debian: apt-get install postgresql-{0}; no cluster has to run.", major));
    }
    return found.getLast();
  }

  /// Runs initdb as `owner`.
  ///
  /// @param dataDirectory absent; its parent may be written by us
  static void initdb(
      RestoreContext context, Backup backup, OsUser owner, Path dataDirectory, List<String> options)
      throws IOException, InterruptedException {
    context
        .events()
        .accept(new Event.StepStarted(message("create a new cluster in {0}", dataDirectory)));
    // initdb runs as its owner, who may not be allowed to create a directory there; filling an
    // empty one he may.
    DurableFiles.createDirectory(dataDirectory);
    ScratchPlace.give(dataDirectory, owner);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--pgdata=" + dataDirectory,
                "--username=" + backup.server().superuser(),
                "--no-sync"));
    arguments.addAll(options);
    Tool postgres = serverProgram(context, backup.server().version().major());
    ToolRun.Outcome outcome =
        new ToolRun(context.redactor(), postgres.program().resolveSibling("initdb"), arguments)
            .prefix(owner.commandPrefix(OsUser.current()))
            .environment(Map.of("HOME", "/nonexistent"))
            .directory(Path.of("/"))
            .run(context.limit());
    if (!outcome.succeeded()) {
      throw new OperationFailed(
          Failure.TOOLS,
          message("initdb failed: {0}", outcome.complaint()),
          message(
              "The new cluster could not be made in {0} by user {1}.",
              dataDirectory, owner.name()));
    }
  }

  /// `initdb` has made `postgres` already.
  static void dropInitial(ScratchServer server, String database) {
    try (PgSession session = PgSession.connect(server.connection(MAINTENANCE))) {
      session.execute("DROP DATABASE IF EXISTS " + PgSession.identifier(database));
    }
  }
}
