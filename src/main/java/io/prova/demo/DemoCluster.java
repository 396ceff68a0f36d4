package io.prova.demo;

import static io.prova.base.Message.message;

import io.prova.app.Surroundings;
import io.prova.base.Digest;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.postgres.ClientTools;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.ServiceControl;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The demo's cluster: a private directory, a Unix socket, an unprivileged user, data worth
/// protecting.
final class DemoCluster implements AutoCloseable {

  static final String DATABASE = "projeto_pratico_1";
  static final long ROWS_IN_VENDAS = 225_000;

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int PORT = 5432;

  private final Path root;
  private final OsUser owner;
  private final Tool postgres;
  private final Redactor redactor = new Redactor();
  private final boolean keep;

  private DemoCluster(Path root, OsUser owner, Tool postgres, boolean keep) {
    this.root = root;
    this.owner = owner;
    this.postgres = postgres;
    this.keep = keep;
  }

  static DemoCluster create(Surroundings surroundings, boolean keep)
      throws IOException, InterruptedException {
    Tool postgres = serverProgram(surroundings);
    OsUser owner = serverUser(surroundings.user());
    Path root = Files.createTempDirectory(Path.of("/tmp"), "prova-demo-");
    // The server's user must be able to reach its own directories below.
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    return new DemoCluster(root, owner, postgres, keep);
  }

  private static Tool serverProgram(Surroundings surroundings)
      throws IOException, InterruptedException {
    ClientTools tools =
        ClientTools.on(
            List.of(), surroundings.variables().getOrDefault("PATH", ""), new Redactor());
    return tools.all("postgres").stream()
        .filter(tool -> Files.isExecutable(tool.program().resolveSibling("pg_basebackup")))
        .reduce((older, newer) -> newer)
        .orElseThrow(() ->
            new OperationFailed(
                Failure.TOOLS,
                message("PostgreSQL's server and client programs are not installed"),
                message("Debian: apt-get install postgresql postgresql-contrib")));
  }

  private static OsUser serverUser(OsUser me) throws IOException {
    if (!me.isRoot()) {
      return me;
    }
    for (String name : new String[] {"postgres", "nobody"}) {
      Optional<OsUser> user = OsUser.find(name);
      if (user.isPresent()) {
        return user.get();
      }
    }
    throw new OperationFailed(
        Failure.TOOLS, message("there is no unprivileged user to run a server"));
  }

  Path root() {
    return root;
  }

  Path dataDirectory() {
    return root.resolve("data");
  }

  private Path tablespace() {
    return root.resolve("arquivo");
  }

  private Path socketDirectory() {
    return root.resolve("socket");
  }

  /// How psql and prova reach it.
  String uri() {
    return "postgresql://postgres@/postgres?host=" + socketDirectory() + "&port=" + PORT;
  }

  private ConnectionSettings connection(String database) {
    return new ConnectionSettings(
        List.of(new Endpoint(socketDirectory().toString(), PORT)),
        "postgres",
        database,
        Optional.empty(),
        Map.of(),
        Map.of());
  }

  private ServiceControl service() {
    return ServiceControl.of(
        new ServiceChoice.PgCtl(Optional.empty()),
        dataDirectory(),
        Optional.empty(),
        owner,
        Optional.of(postgres.program().resolveSibling("pg_ctl")),
        LIMIT,
        redactor);
  }

  String stopCommand() {
    return String.join(" ", service().stopCommand());
  }

  void start() throws IOException, InterruptedException {
    for (Path each : List.of(dataDirectory(), tablespace(), socketDirectory())) {
      DurableFiles.createDirectory(each);
      ScratchPlace.give(each, owner);
    }
    // pg_ctl runs as the owner, who must be able to create the log beside the data directory, and
    // its successors.
    ScratchPlace.give(root, owner);
    ToolRun.Outcome initdb =
        new ToolRun(
                redactor,
                postgres.program().resolveSibling("initdb"),
                List.of(
                    "--pgdata=" + dataDirectory(),
                    "--username=postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--data-checksums",
                    "--no-sync"))
            .prefix(owner.commandPrefix(OsUser.current()))
            .environment(Map.of("HOME", "/nonexistent"))
            .directory(Path.of("/"))
            .run(LIMIT);
    if (!initdb.succeeded()) {
      throw new OperationFailed(Failure.TOOLS, message("initdb failed: {0}", initdb.complaint()));
    }
    Files.writeString(
        dataDirectory().resolve("postgresql.conf"),
        """
        listen_addresses = ''
        unix_socket_directories = '%s'
        port = %d
        max_connections = 30
        shared_buffers = 64MB
        wal_level = replica
        max_wal_senders = 4
        """
            .formatted(socketDirectory(), PORT),
        StandardOpenOption.APPEND);
    service().start();
  }

  /// @return the rows
  long fill() throws IOException, InterruptedException {
    sql(
        "postgres",
        "CREATE ROLE vendedor LOGIN",
        "CREATE ROLE auditora NOLOGIN",
        "GRANT auditora TO vendedor",
        "CREATE TABLESPACE arquivo LOCATION '" + tablespace() + "'",
        "CREATE DATABASE " + DATABASE + " OWNER vendedor",
        "ALTER DATABASE " + DATABASE + " SET TimeZone = 'America/Sao_Paulo'");
    String script;
    try (InputStream in =
        DemoCluster.class.getResourceAsStream("/io/prova/demo/projeto_pratico_1.sql")) {
      if (in == null) {
        throw new IllegalStateException("missing resource projeto_pratico_1.sql");
      }
      script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (isAvailable("pg_trgm")) {
      sql(DATABASE, "CREATE EXTENSION pg_trgm");
    }
    sql(DATABASE, script);
    try (PgSession session = PgSession.connect(connection(DATABASE))) {
      return session.number(
          "SELECT sum((xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s', oid::regclass), false, true, '')))[1]::text::bigint)"
              + " FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('cadastro', 'vendas')");
    }
  }

  private boolean isAvailable(String extension) {
    try (PgSession session = PgSession.connect(connection(DATABASE))) {
      return session.yes(
          "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = ?)", extension);
    }
  }

  private void sql(String database, String... statements) {
    try (PgSession session = PgSession.connect(connection(database))) {
      for (String statement : statements) {
        session.execute(statement);
      }
    }
  }

  void dropTables() {
    sql(DATABASE, "DROP SCHEMA vendas CASCADE");
  }

  /// What remains after a disk has died: nothing.
  void destroy() throws IOException, InterruptedException {
    Optional<Long> pid = ServiceControl.postmasterPid(dataDirectory());
    if (pid.isPresent()) {
      ProcessHandle server = ProcessHandle.of(pid.get()).orElseThrow();
      List<ProcessHandle> backends = server.descendants().toList();
      server.destroyForcibly();
      for (ProcessHandle each : backends) {
        each.onExit().join();
      }
      server.onExit().join();
    }
    DurableFiles.deleteTree(dataDirectory());
    DurableFiles.deleteTree(tablespace());
  }

  /// The digest of all that pg_dump writes of the database; sequences and grants, order of rows and
  /// all.
  String dumpDigest() throws IOException, InterruptedException {
    String dump =
        new ToolRun(
                redactor,
                postgres.program().resolveSibling("pg_dump"),
                List.of("--create", "--no-password"))
            .environment(connection(DATABASE).environment())
            .text(LIMIT);
    // Newer versions guard their dumps with a random key.
    String lasting = dump.replaceAll("(?m)^\\\\(un)?restrict .*$", "");
    return Digest.of(lasting.getBytes(StandardCharsets.UTF_8)).hex();
  }

  @Override
  public void close() throws IOException {
    if (keep) {
      return;
    }
    try {
      if (service().isRunning()) {
        service().stop();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      DurableFiles.deleteTree(root);
    }
  }
}
