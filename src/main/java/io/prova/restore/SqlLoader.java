package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.DirectoryTree;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Loads SQL into a server with psql and pg_restore.
final class SqlLoader {

  private final RestoreContext context;
  private final ConnectionSettings server;
  private final int major;
  private final Optional<ScratchPlace> sandbox;
  private final List<String> prefix;
  private @Nullable String quietOption;

  /// @param server a superuser's connection to a database that is not restored
  /// @param major of the server that the SQL was dumped from
  /// @param sandbox for scratch servers: the programs run as its owner, who may see nothing else
  SqlLoader(
      RestoreContext context, ConnectionSettings server, int major, Optional<ScratchPlace> sandbox)
      throws IOException {
    this.context = context;
    this.server = server;
    this.major = major;
    this.sandbox = sandbox;
    this.prefix =
        sandbox.isEmpty() ? List.of() : sandbox.get().owner().commandPrefix(OsUser.current());
  }

  Set<String> missingRoles(GlobalsScript globals) {
    try (PgSession session = PgSession.connect(server)) {
      Set<String> missing = new TreeSet<>(globals.roles());
      session.query(
          "SELECT rolname FROM pg_catalog.pg_roles", row -> missing.remove(row.getString(1)));
      return missing;
    }
  }

  void createRoles(GlobalsScript globals, Set<String> roles) {
    execute(globals.createRoles(roles));
  }

  /// Creates the roles that lack, and gives those that `initdb` made what they had.
  void createAllRoles(GlobalsScript globals) {
    Set<String> missing = missingRoles(globals);
    Set<String> existing = new TreeSet<>(globals.roles());
    existing.removeAll(missing);
    createRoles(globals, missing);
    execute(globals.alterRoles(existing));
  }

  /// Gives tablespaces, which exist by now, and parameters their options, owners and grants.
  void alterOthers(GlobalsScript globals) {
    execute(globals.others());
  }

  private void execute(List<String> statements) {
    try (PgSession session = PgSession.connect(server)) {
      for (String statement : statements) {
        try {
          session.execute(statement);
        } catch (SqlFailed e) {
          // A membership granted by a role that is not here, say. The dump tells whether it
          // matters.
          context
              .events()
              .accept(new Event.Warned(message("roles and tablespaces: {0}", Problems.of(e))));
        }
      }
    }
  }

  /// @param places directories by the tablespaces' names
  void createTablespaces(Map<String, Path> places) {
    try (PgSession session = PgSession.connect(server)) {
      places.forEach((name, place) ->
          session.execute(
              "CREATE TABLESPACE %s LOCATION %s"
                  .formatted(PgSession.identifier(name), PgSession.literal(place.toString()))));
    }
  }

  /// @param script as [io.prova.postgres.DatabaseScript] writes it
  void createDatabase(String script, String name) throws IOException, InterruptedException {
    psql(
        server,
        message("create database {0}", name),
        List.of("--set=database=" + name),
        out -> out.write(script.getBytes(StandardCharsets.UTF_8)));
  }

  /// Loads a plain dump.
  void loadScript(String database, Message what, ToolRun.Writer dump)
      throws IOException, InterruptedException {
    psql(server.withDatabase(database), what, List.of(), dump);
  }

  private void psql(
      ConnectionSettings target, Message what, List<String> options, ToolRun.Writer input)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--no-psqlrc",
                "--quiet",
                "--no-password",
                "--set=ON_ERROR_STOP=1",
                "--output=/dev/null",
                "--file=-"));
    arguments.addAll(options);
    judge("psql", what, tool("psql", arguments, target).input(input).run(context.limit()));
  }

  /// Loads a dump in custom or directory format.
  void loadArchive(String database, Message what, Path dump, int jobs)
      throws IOException, InterruptedException {
    Path readable = sandbox.isEmpty() ? dump : copyIntoSandbox(dump, sandbox.get());
    // The database's name must be an argument here, and may look like a connection string: so it is
    // given as one.
    String connection = "dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'";
    List<String> arguments =
        List.of(
            "--exit-on-error",
            "--no-password",
            "--jobs=" + jobs,
            "--dbname=" + connection,
            readable.toString());
    try {
      judge(
          "pg_restore",
          what,
          tool("pg_restore", arguments, server.withDatabase(database)).run(context.limit()));
    } finally {
      if (!readable.equals(dump)) {
        DurableFiles.deleteTree(readable);
      }
    }
  }

  /// The sandbox's user may not read the repository.
  private static Path copyIntoSandbox(Path dump, ScratchPlace sandbox)
      throws IOException, InterruptedException {
    Path copy = sandbox.root().resolve(dump.getFileName().toString());
    Files.copy(dump, copy);
    ScratchPlace.give(copy, sandbox.owner());
    if (Files.isDirectory(dump)) {
      DirectoryTree.walk(
          dump,
          entry -> {
            Files.copy(dump.resolve(entry.path()), copy.resolve(entry.path()));
            ScratchPlace.give(copy.resolve(entry.path()), sandbox.owner());
          });
    }
    return copy;
  }

  private ToolRun tool(String name, List<String> arguments, ConnectionSettings target)
      throws IOException, InterruptedException {
    Tool tool = context.tools().forServer(name, major);
    return new ToolRun(context.redactor(), tool.program(), arguments)
        .prefix(prefix)
        .environment(quiet(target.writingEnvironment()))
        .environment(prefix.isEmpty() ? Map.of() : Map.of("HOME", "/nonexistent"))
        .onErrorLine(line -> context.events().accept(new Event.ToolSaid(name, line)));
  }

  /// Keeps the loaded database's own event triggers from firing: what pg_dump writes behind them
  /// (materialized views) would run their functions, and those may write anything anywhere. Where
  /// there is no setting for just that, a replica's role does it; foreign keys are still checked
  /// when they are created. Only a superuser may.
  private Map<String, String> quiet(Map<String, String> environment) {
    String option = quietOption;
    if (option == null) {
      try (PgSession session = PgSession.connect(server)) {
        boolean superuser = session.yes("SELECT current_setting('is_superuser') = 'on'");
        long version = session.number("SELECT current_setting('server_version_num')::int");
        String off =
            version >= 170000 ? "-c event_triggers=off" : "-c session_replication_role=replica";
        option = superuser ? off : "";
        quietOption = option;
      }
    }
    Map<String, String> variables = new HashMap<>(environment);
    variables.merge("PGOPTIONS", option, (given, ours) -> (given + " " + ours).strip());
    return variables;
  }

  private static void judge(String tool, Message what, ToolRun.Outcome outcome) {
    if (outcome.timedOut()) {
      throw new OperationFailed(
          Failure.RESTORE_FAILED,
          message("{0}: {1} was ended after {2}, its time limit", what, tool, outcome.took()),
          message("Its last words were: {0}", outcome.complaint()));
    }
    if (!outcome.succeeded()) {
      throw new OperationFailed(
          outcome.lackedSpace() ? Failure.SPACE : Failure.RESTORE_FAILED,
          message(
              "{0}: {1} failed (exit code {2}): {3}",
              what, tool, outcome.exitCode(), outcome.complaint()),
          LoadTrouble.hint(outcome.complaint()));
    }
  }
}
