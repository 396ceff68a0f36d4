package io.prova.testing;

import io.prova.base.Redactor;
import io.prova.postgres.ClientTools;
import io.prova.postgres.OsUser;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A real PostgreSQL cluster for a test: a data directory, a Unix socket, nothing on the network.
/// Servers run as an unprivileged user when the tests run as root. Stopped and removed on close.
public final class PgCluster implements AutoCloseable {

  public static final Redactor REDACTOR = new Redactor();

  /// Where test clusters are put: short, since sockets lie below; `-Dprova.tests=/dev/shm` spares
  /// the disk.
  public static final Path BASE = Path.of(System.getProperty("prova.tests", "/tmp"));

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final int DEFAULT_PORT = 5432;

  private final Path root;
  private final Path bin;
  private final OsUser owner;
  private int port;

  private PgCluster(Path root, Path bin, OsUser owner, int port) {
    this.root = root;
    this.bin = bin;
    this.owner = owner;
    this.port = port;
  }

  /// A running cluster of the installed PostgreSQL.
  public static PgCluster start(String... settings) throws IOException, InterruptedException {
    return start(installedBin(), List.of(), settings);
  }

  /// @param initdbOptions for example `--wal-segsize=1`
  /// @param settings lines of postgresql.conf
  public static PgCluster start(Path bin, List<String> initdbOptions, String... settings)
      throws IOException, InterruptedException {
    return start(bin, initdbOptions, DEFAULT_PORT, settings);
  }

  /// One that also listens on the loopback interface, where roles need their passwords.
  public static PgCluster startOnLoopback(String... settings)
      throws IOException, InterruptedException {
    int port = freePort();
    List<String> lines = new ArrayList<>(List.of(settings));
    lines.add("listen_addresses = '127.0.0.1'");
    lines.add("port = " + port);
    return start(
        installedBin(), List.of("--auth-host=scram-sha-256"), port, lines.toArray(String[]::new));
  }

  /// A port of the loopback interface that nobody listens on now.
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// A place for a cluster: [#dataDirectory] is absent, for a restore to fill.
  public static PgCluster unfilled() throws IOException, InterruptedException {
    return unfilled(installedBin());
  }

  public static PgCluster unfilled(Path bin) throws IOException {
    return place(bin, DEFAULT_PORT);
  }

  private static PgCluster place(Path bin, int port) throws IOException {
    Path root = Files.createTempDirectory(BASE, "prova-test-");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    PgCluster cluster = new PgCluster(root, bin, serverUser(), port);
    cluster.own(root);
    return cluster;
  }

  private static PgCluster start(Path bin, List<String> initdbOptions, int port, String... settings)
      throws IOException, InterruptedException {
    PgCluster cluster = place(bin, port);
    List<String> options =
        new ArrayList<>(
            List.of(
                "-D",
                cluster.dataDirectory().toString(),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-k",
                "--no-sync"));
    options.addAll(initdbOptions);
    cluster.run("initdb", options);
    cluster.configure(
        "listen_addresses = ''",
        cluster.socketSetting(),
        "fsync = off",
        "max_connections = 40",
        "shared_buffers = 32MB",
        "log_min_messages = warning");
    cluster.configure(settings);
    for (String setting : settings) {
      if (setting.startsWith("port = ")) {
        cluster.port = Integer.parseInt(setting.substring("port = ".length()));
      }
    }
    cluster.startServer();
    return cluster;
  }

  /// Where the installed server programs are.
  public static Path installedBin() throws IOException, InterruptedException {
    return ClientTools.on(List.of(), System.getenv("PATH"), REDACTOR).all("initdb").stream()
        .filter(tool -> Files.isExecutable(tool.program().resolveSibling("pg_basebackup")))
        .reduce((first, second) -> second)
        .orElseThrow(() -> new IOException("no PostgreSQL server installed"))
        .program()
        .getParent();
  }

  /// Who runs servers: `postgres` when we are root.
  public static OsUser serverUser() throws IOException {
    OsUser me = OsUser.current();
    return me.isRoot() ? OsUser.find("postgres").orElseThrow() : me;
  }

  public Path root() {
    return root;
  }

  public Path dataDirectory() {
    return root.resolve("data");
  }

  /// Replaces pg_hba.conf, and has the server read it.
  public void allowOnly(String... hbaLines) throws IOException {
    Files.writeString(dataDirectory().resolve("pg_hba.conf"), String.join("\n", hbaLines) + "\n");
    sql("postgres", "SELECT pg_reload_conf()");
  }

  public Path bin() {
    return bin;
  }

  /// Of the socket in [#root], and of the loopback interface where it listens there.
  public int port() {
    return port;
  }

  public OsUser owner() {
    return owner;
  }

  public void own(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", owner.uid());
    Files.setAttribute(path, "unix:gid", owner.gid());
  }

  /// A directory (0700) of the server's user, below [#root].
  public Path directory(String name) throws IOException {
    Path created = Files.createDirectories(root.resolve(name));
    Files.setPosixFilePermissions(created, DurableFiles.OWNER_DIRECTORY);
    own(created);
    return created;
  }

  public void configure(String... lines) throws IOException {
    Files.write(
        dataDirectory().resolve("postgresql.conf"),
        (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.APPEND);
  }

  private String socketSetting() {
    return "unix_socket_directories = '" + root + "'";
  }

  /// Starts a server on what a restore put into [#dataDirectory], under its own socket.
  public void startRestored() throws IOException, InterruptedException {
    configure(socketSetting(), "port = " + port, "listen_addresses = ''");
    startServer();
  }

  public void startServer() throws IOException, InterruptedException {
    run(
        "pg_ctl",
        List.of(
            "-D",
            dataDirectory().toString(),
            "-w",
            "-s",
            "-l",
            root.resolve("log").toString(),
            "start"));
  }

  public void stopServer() throws IOException, InterruptedException {
    run("pg_ctl", List.of("-D", dataDirectory().toString(), "-w", "-s", "-m", "fast", "stop"));
  }

  public boolean isRunning() {
    return Files.exists(dataDirectory().resolve("postmaster.pid"));
  }

  /// Runs one of PostgreSQL's programs as the server's user; fails the test when it fails.
  public void run(String program, List<String> arguments) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(owner.commandPrefix(OsUser.current()));
    words.add(bin.resolve(program).toString());
    words.addAll(arguments);
    Path output = Files.createTempFile("prova-test", ".out");
    Process process =
        new ProcessBuilder(words)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int code = process.waitFor();
    String said = Files.readString(output);
    Files.delete(output);
    if (code != 0) {
      throw new IOException(words + " failed with " + code + ": " + said);
    }
  }

  /// Every table and B-tree index of every database; fails the test where one is corrupt.
  public void amcheck() throws IOException, InterruptedException {
    run(
        "pg_amcheck",
        List.of(
            "-h",
            root.toString(),
            "-p",
            Integer.toString(port),
            "-U",
            "postgres",
            "--all",
            "--install-missing",
            "--heapallindexed"));
  }

  public ConnectionSettings connection(String database) {
    return connection(database, "postgres");
  }

  public ConnectionSettings connection(String database, String user) {
    return new ConnectionSettings(
        List.of(new Endpoint(root.toString(), port)),
        user,
        database,
        Optional.empty(),
        Map.of(),
        Map.of());
  }

  public PgSession session(String database) {
    return PgSession.connect(connection(database));
  }

  public void sql(String database, String... statements) {
    try (PgSession session = session(database)) {
      for (String statement : statements) {
        session.execute(statement);
      }
    }
  }

  /// What `pg_dump` makes of a database: the yardstick for "the same".
  public String dump(String database, String... options) throws IOException, InterruptedException {
    return tool("pg_dump", database, options);
  }

  /// Roles and tablespaces, as `pg_dumpall` writes them.
  public String globals(String... options) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("--globals-only"));
    all.addAll(List.of(options));
    return tool("pg_dumpall", "postgres", all.toArray(String[]::new));
  }

  private String tool(String program, String database, String... options)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(options));
    if (supportsRestrictKey(program)) {
      arguments.addFirst("--restrict-key=prova");
    }
    return new ToolRun(REDACTOR, bin.resolve(program), arguments)
        .environment(connection(database).environment())
        .text(LIMIT);
  }

  private boolean supportsRestrictKey(String program) throws IOException, InterruptedException {
    return new ToolRun(REDACTOR, bin.resolve(program), List.of("--help"))
        .text(LIMIT)
        .contains("--restrict-key");
  }

  @Override
  public void close() throws IOException {
    try {
      if (isRunning()) {
        run(
            "pg_ctl",
            List.of("-D", dataDirectory().toString(), "-w", "-s", "-m", "immediate", "stop"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      DurableFiles.deleteTree(root);
    }
  }
}
