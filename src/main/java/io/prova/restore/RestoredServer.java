package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.catalog.Backup.Physical;
import io.prova.catalog.Backup.StoredTablespace;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ScratchServer;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A scratch server with a backup restored into it.
public final class RestoredServer implements AutoCloseable {

  /// Where one connects to drop and create databases, `postgres` among them.
  private static final String MAINTENANCE = "template1";

  private final ScratchServer server;
  private final Path postgres;
  private final String version;
  private final List<String> databases;

  private RestoredServer(ScratchServer server, Tool postgres, List<String> databases) {
    this.server = server;
    this.postgres = postgres.program();
    this.version = postgres.version().toString();
    this.databases = databases;
  }

  /// @param place whose owner runs the server
  /// @param preloadLibraries those that the data needs to be readable
  public static RestoredServer start(
      RestoreContext context,
      BackupSource source,
      ScratchPlace place,
      List<String> preloadLibraries)
      throws IOException, InterruptedException {
    int major = source.backup().server().version().major();
    Tool postgres = serverProgram(context, major);
    Map<String, String> preload =
        preloadLibraries.isEmpty()
            ? Map.of()
            : Map.of("shared_preload_libraries", String.join(",", preloadLibraries));
    return source.backup().physical().isPresent()
        ? startPhysical(context, source, place, postgres, preload)
        : startLogical(context, source, place, postgres, preload);
  }

  /// Of exactly the backup's major: another cannot read its files, and a dump is to be tested where
  /// it will be needed.
  private static Tool serverProgram(RestoreContext context, int major)
      throws IOException, InterruptedException {
    List<Tool> found =
        context.tools().all("postgres").stream()
            .filter(tool -> tool.version().major() == major)
            .toList();
    if (found.isEmpty()) {
      throw new OperationFailed(
          Failure.TOOLS,
          message(
              "the server of PostgreSQL {0} is not installed here, so its backups cannot be tested",
              major),
          message("Debian: apt-get install postgresql-{0}; no cluster has to run.", major));
    }
    return found.getLast();
  }

  private static RestoredServer startPhysical(
      RestoreContext context,
      BackupSource source,
      ScratchPlace place,
      Tool postgres,
      Map<String, String> preload)
      throws IOException, InterruptedException {
    Physical physical = source.backup().physical().orElseThrow();
    Map<Long, Path> tablespaces = new LinkedHashMap<>();
    for (StoredTablespace tablespace : physical.tablespaces()) {
      tablespaces.put(tablespace.oid(), place.directory("tablespace-" + tablespace.oid()));
    }
    Path data = place.root().resolve("data");
    PhysicalCopy.run(context, source, data, tablespaces, place.owner(), false);
    for (String acting : List.of("standby.signal", "recovery.signal", "postgresql.auto.conf")) {
      Files.deleteIfExists(data.resolve(acting));
    }
    Path autoConf = data.resolve("postgresql.auto.conf");
    DurableFiles.putIfAbsent(autoConf, new byte[0]);
    ScratchPlace.give(autoConf, place.owner());
    Map<String, String> settings = new LinkedHashMap<>(RecoverySettings.of(source.backup()));
    settings.putAll(preload);
    ScratchServer server = startServer(context, source.backup(), place, postgres, data, settings);
    return new RestoredServer(server, postgres, List.copyOf(physical.fingerprints().keySet()));
  }

  private static RestoredServer startLogical(
      RestoreContext context,
      BackupSource source,
      ScratchPlace place,
      Tool postgres,
      Map<String, String> preload)
      throws IOException, InterruptedException {
    Path data = place.root().resolve("data");
    initdb(context, source.backup(), place, postgres, data);
    ScratchServer server = startServer(context, source.backup(), place, postgres, data, preload);
    try {
      List<DumpedDatabase> databases = source.backup().logical().orElseThrow().databases();
      LogicalLoad load =
          new LogicalLoad(context, source, server.connection(MAINTENANCE), Optional.of(place));
      load.loader().createRoles(load.globals(), load.missingRoles());
      Map<String, Path> tablespaces = new LinkedHashMap<>();
      for (String tablespace : load.globals().tablespaces()) {
        tablespaces.put(tablespace, place.directory("tablespace-" + tablespaces.size()));
      }
      load.loader().createTablespaces(tablespaces);
      for (DumpedDatabase database : databases) {
        dropInitial(server, database.name());
        load.createDatabase(database, database.name());
        load.load(database, database.name(), jobs());
      }
      return new RestoredServer(
          server, postgres, databases.stream().map(DumpedDatabase::name).toList());
    } catch (IOException | RuntimeException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  public static int jobs() {
    return Math.max(1, Runtime.getRuntime().availableProcessors());
  }

  /// `initdb` has made `postgres` already.
  private static void dropInitial(ScratchServer server, String database) {
    try (PgSession session = PgSession.connect(server.connection(MAINTENANCE))) {
      session.execute("DROP DATABASE IF EXISTS " + PgSession.identifier(database));
    }
  }

  private static void initdb(
      RestoreContext context, Backup backup, ScratchPlace place, Tool postgres, Path data)
      throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("create a scratch cluster")));
    List<String> arguments =
        List.of(
            "--pgdata=" + data,
            "--username=" + backup.server().superuser(),
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions");
    ToolRun.Outcome outcome =
        new ToolRun(context.redactor(), postgres.program().resolveSibling("initdb"), arguments)
            .prefix(place.owner().commandPrefix(OsUser.current()))
            .environment(Map.of("HOME", place.root().toString()))
            .directory(place.root())
            .run(context.limit());
    if (!outcome.succeeded()) {
      throw new OperationFailed(
          Failure.TOOLS,
          message("initdb failed: {0}", outcome.complaint()),
          message(
              "The scratch cluster could not be made; see the drill's directory and user in prova.yaml."));
    }
  }

  private static ScratchServer startServer(
      RestoreContext context,
      Backup backup,
      ScratchPlace place,
      Tool postgres,
      Path data,
      Map<String, String> settings)
      throws IOException, InterruptedException {
    return ScratchServer.start(
        new ScratchServer.Start(
            postgres.program(),
            place,
            data,
            backup.server().superuser(),
            settings,
            context.limit(),
            false),
        context.redactor());
  }

  public ScratchServer server() {
    return server;
  }

  public ConnectionSettings connection(String database) {
    return server.connection(database);
  }

  public String version() {
    return version;
  }

  /// A program of the server's own version, which may not be installed.
  public Path program(String name) {
    return postgres.resolveSibling(name);
  }

  /// The restored databases.
  public List<String> databases() {
    return databases;
  }

  @Override
  public void close() {
    server.close();
  }
}
