package io.prova.restore;

import static io.prova.base.Message.message;

import com.github.luben.zstd.ZstdInputStream;
import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.catalog.Backup.Logical;
import io.prova.catalog.Compression;
import io.prova.catalog.DirectoryTree;
import io.prova.catalog.DumpFormat;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.storage.DurableFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/// Loads dumps of a verified logical backup into a server: roles, databases, content.
public final class LogicalLoad {

  private static final int BUFFER_BYTES = 256 * 1024;

  private final RestoreContext context;
  private final BackupSource source;
  private final Logical logical;
  private final ConnectionSettings server;
  private final Map<String, String> environment;
  private final List<String> commandPrefix;
  private final Optional<ScratchPlace> sandbox;
  private final int major;

  /// @param server a superuser's connection to a database that is not restored
  /// @param sandbox for scratch servers: psql and pg_restore run as its owner, who may see nothing
  ///   else
  public LogicalLoad(
      RestoreContext context,
      BackupSource source,
      ConnectionSettings server,
      Optional<ScratchPlace> sandbox)
      throws IOException {
    this.context = context;
    this.source = source;
    this.logical = source.backup().logical().orElseThrow();
    this.server = server;
    this.sandbox = sandbox;
    this.environment = sandbox.isEmpty() ? Map.of() : Map.of("HOME", "/nonexistent");
    this.commandPrefix =
        sandbox.isEmpty() ? List.of() : sandbox.get().owner().commandPrefix(OsUser.current());
    this.major = source.backup().server().version().major();
  }

  GlobalsScript globals() throws IOException {
    try (InputStream in = open(source.file(logical.globals()))) {
      return GlobalsScript.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /// Creates the roles of the backup that the server lacks.
  ///
  /// @return those that were created
  public Set<String> createMissingRoles() throws IOException {
    GlobalsScript globals = globals();
    Set<String> missing = missingRoles(globals);
    try (PgSession session = PgSession.connect(server)) {
      for (String statement : globals.createRoles(missing)) {
        try {
          session.execute(statement);
        } catch (SqlFailed e) {
          // A membership granted by a role that is not here, say. The dump tells whether it
          // matters.
          context
              .events()
              .accept(new Event.Warned(message("roles: {0}", String.valueOf(e.getMessage()))));
        }
      }
    }
    return missing;
  }

  Set<String> missingRoles(GlobalsScript globals) {
    try (PgSession session = PgSession.connect(server)) {
      Set<String> missing = new TreeSet<>(globals.roles());
      session.query(
          "SELECT rolname FROM pg_catalog.pg_roles", row -> missing.remove(row.getString(1)));
      return missing;
    }
  }

  /// Creates tablespaces of the backup's names in other places.
  public void createTablespaces(Map<String, Path> places) {
    try (PgSession session = PgSession.connect(server)) {
      places.forEach((name, place) ->
          session.execute(
              "CREATE TABLESPACE %s LOCATION %s"
                  .formatted(PgSession.identifier(name), PgSession.literal(place.toString()))));
    }
  }

  /// The tablespaces that the backup's cluster had.
  public Set<String> tablespaces() throws IOException {
    return globals().tablespaces();
  }

  /// Creates an empty database with the properties, settings and grants of `database`.
  ///
  /// @param name under which it is created; must be free
  public void createDatabase(DumpedDatabase database, String name)
      throws IOException, InterruptedException {
    String script = Files.readString(source.file(database.createScript()));
    psql(
        server,
        message("create database {0}", name),
        List.of("--set=database=" + name),
        out -> out.write(script.getBytes(StandardCharsets.UTF_8)));
  }

  /// Loads the content of `database` into the empty database `name`.
  ///
  /// @param jobs parallel workers, for the formats that have them
  public void load(DumpedDatabase database, String name, int jobs)
      throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("load database {0}", database.name())));
    ConnectionSettings target = server.withDatabase(name);
    Path dump = source.file(database.file());
    if (logical.dumpFormat() == DumpFormat.PLAIN) {
      psql(
          target,
          message("load database {0}", database.name()),
          List.of(),
          out -> feed(dump, database, out));
    } else {
      pgRestore(target, database, dump, jobs);
    }
  }

  private void feed(Path dump, DumpedDatabase database, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    OptionalLong total = OptionalLong.of(database.bytes().bytes());
    long done = 0;
    try (InputStream in = open(dump)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        done += count;
        context.events().accept(new Event.Progress(new ByteCount(done), total));
      }
    }
    if (done != database.bytes().bytes()) {
      throw new IOException(
          dump + " gave " + done + " bytes instead of " + database.bytes().bytes());
    }
  }

  private InputStream open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    Compression.Method method =
        logical.dumpFormat() == DumpFormat.PLAIN || file.endsWith(logical.globals())
            ? logical.compression()
            : Compression.Method.NONE;
    return switch (method) {
      case NONE -> new BufferedInputStream(raw, BUFFER_BYTES);
      case GZIP -> new GZIPInputStream(raw, BUFFER_BYTES);
      case ZSTD -> new ZstdInputStream(raw);
    };
  }

  private void psql(
      ConnectionSettings target, Message what, List<String> options, ToolRun.Writer input)
      throws IOException, InterruptedException {
    Tool psql = context.tools().forServer("psql", major);
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
    ToolRun.Outcome outcome = tool(psql, arguments, target).input(input).run(context.limit());
    judge("psql", what, outcome);
  }

  private void pgRestore(ConnectionSettings target, DumpedDatabase database, Path dump, int jobs)
      throws IOException, InterruptedException {
    Tool pgRestore = context.tools().forServer("pg_restore", major);
    Path readable = sandbox.isEmpty() ? dump : copyIntoSandbox(dump, sandbox.get());
    List<String> arguments =
        List.of(
            "--exit-on-error",
            "--no-password",
            "--jobs=" + jobs,
            // Its name must be given here, and may look like a connection string: so it is given as
            // one.
            "--dbname=dbname='" + target.database().replace("\\", "\\\\").replace("'", "\\'") + "'",
            readable.toString());
    try {
      judge(
          "pg_restore",
          message("load database {0}", database.name()),
          tool(pgRestore, arguments, target).run(context.limit()));
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

  private ToolRun tool(Tool tool, List<String> arguments, ConnectionSettings target) {
    String name = tool.program().getFileName().toString();
    return new ToolRun(context.redactor(), tool.program(), arguments)
        .prefix(commandPrefix)
        .environment(target.environment())
        .environment(environment)
        .onErrorLine(line -> context.events().accept(new Event.ToolSaid(name, line)));
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
          Failure.RESTORE_FAILED,
          message(
              "{0}: {1} failed (exit code {2}): {3}",
              what, tool, outcome.exitCode(), outcome.complaint()),
          LoadTrouble.hint(outcome.complaint()));
    }
  }
}
