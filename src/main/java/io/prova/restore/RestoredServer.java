package io.prova.restore;

import io.prova.catalog.Backup;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.catalog.Backup.Physical;
import io.prova.catalog.Backup.StoredTablespace;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ScratchServer;
import io.prova.postgres.connection.ConnectionSettings;
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
    Tool postgres = ScratchCluster.serverProgram(context, major);
    Map<String, String> preload =
        preloadLibraries.isEmpty()
            ? Map.of()
            : Map.of("shared_preload_libraries", String.join(",", preloadLibraries));
    return source.backup().physical().isPresent()
        ? startPhysical(context, source, place, postgres, preload)
        : startLogical(context, source, place, postgres, preload);
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
    ScratchCluster.initdb(
        context,
        source.backup(),
        place.owner(),
        data,
        List.of("--auth=trust", "--encoding=UTF8", "--locale=C"));
    ScratchServer server = startServer(context, source.backup(), place, postgres, data, preload);
    try {
      List<DumpedDatabase> databases = source.backup().logical().orElseThrow().databases();
      LogicalLoad load =
          new LogicalLoad(
              context, source, server.connection(ScratchCluster.MAINTENANCE), Optional.of(place));
      load.loader().createRoles(load.globals(), load.missingRoles());
      Map<String, Path> tablespaces = new LinkedHashMap<>();
      for (String tablespace : load.globals().tablespaces()) {
        tablespaces.put(tablespace, place.directory("tablespace-" + tablespaces.size()));
      }
      load.loader().createTablespaces(tablespaces);
      for (DumpedDatabase database : databases) {
        ScratchCluster.dropInitial(server, database.name());
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
