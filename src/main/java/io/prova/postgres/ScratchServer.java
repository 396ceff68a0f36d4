package io.prova.postgres;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL server that Prova starts for itself, on a data directory of its own, and that can
/// touch nothing else: no TCP, a socket in a private directory, no archiving, no replication, no
/// preloaded libraries and so none of their background jobs, no network at all where the kernel
/// lets us take it away.
///
/// It ends with this process, whatever ends this process.
public final class ScratchServer implements AutoCloseable {

  /// Settings that make a copy inert; on the command line they outrank whatever the copied files
  /// say.
  private static final Map<String, String> INERT =
      Map.ofEntries(
          Map.entry("listen_addresses", ""),
          Map.entry("archive_mode", "off"),
          Map.entry("archive_command", ""),
          Map.entry("restore_command", ""),
          Map.entry("primary_conninfo", ""),
          Map.entry("synchronous_standby_names", ""),
          Map.entry("max_logical_replication_workers", "0"),
          Map.entry("max_wal_senders", "0"),
          Map.entry("wal_level", "minimal"),
          Map.entry("shared_preload_libraries", ""),
          Map.entry("session_preload_libraries", ""),
          Map.entry("local_preload_libraries", ""),
          Map.entry("autovacuum", "off"),
          Map.entry("logging_collector", "off"),
          Map.entry("log_destination", "stderr"),
          Map.entry("ssl", "off"),
          // It is thrown away afterwards: nothing it writes has to survive.
          Map.entry("fsync", "off"),
          Map.entry("full_page_writes", "off"),
          Map.entry("synchronous_commit", "off"),
          Map.entry("shared_buffers", "128MB"));

  private static final int KEPT_LOG_LINES = 2000;
  private static final Duration FOREVER = Duration.ofDays(365);
  private static final int PORT = 5432;
  private static final Pattern TROUBLE = Pattern.compile("\\b(PANIC|FATAL|ERROR):  ");
  private static final Pattern EXPECTED =
      Pattern.compile(
          "FATAL:  the database system is (starting up|shutting down|not yet accepting connections|not accepting connections)");

  private final Path runDirectory;
  private final String superuser;
  private final List<String> log;
  private final Thread runner;
  private final boolean withoutNetwork;

  private ScratchServer(
      Path runDirectory,
      String superuser,
      List<String> log,
      Thread runner,
      boolean withoutNetwork) {
    this.runDirectory = runDirectory;
    this.superuser = superuser;
    this.log = log;
    this.runner = runner;
    this.withoutNetwork = withoutNetwork;
  }

  /// How to start one.
  ///
  /// @param postgres the server program, of the data directory's major
  /// @param superuser a role that exists in the data directory
  /// @param settings further ones, such as those that recovery needs from the original server
  /// @param limit how long it may take to recover and come up
  /// @param keeping the data directory is kept afterwards, so what is written must survive and the
  ///   end must be orderly
  public record Start(
      Path postgres,
      ScratchPlace place,
      Path dataDirectory,
      String superuser,
      Map<String, String> settings,
      Duration limit,
      boolean keeping) {}

  /// Over [#INERT], when the data directory is kept.
  private static final Map<String, String> KEEPING =
      Map.of(
          "fsync",
          "on",
          "full_page_writes",
          "on",
          "synchronous_commit",
          "on",
          "wal_level",
          "replica");

  /// Starts the server and waits until it accepts connections.
  ///
  /// @throws OperationFailed (RESTORE_FAILED) if it does not come up; the problem holds its last
  ///   log lines
  public static ScratchServer start(Start how, Redactor redactor)
      throws IOException, InterruptedException {
    OsUser owner = how.place.owner();
    Path run = how.place.directory("run");
    Path hba = run.resolve("pg_hba.conf");
    Path config = run.resolve("postgresql.conf");
    // Only the server's user and root can reach the socket at all.
    Files.writeString(hba, "local all all trust\n");
    Files.writeString(config, "");
    ScratchPlace.give(hba, owner);
    ScratchPlace.give(config, owner);

    Map<String, String> settings = new LinkedHashMap<>(INERT);
    if (how.keeping) {
      settings.putAll(KEEPING);
    }
    settings.putAll(how.settings);
    settings.put("config_file", config.toString());
    settings.put("hba_file", hba.toString());
    settings.put("unix_socket_directories", run.toString());
    settings.put("unix_socket_permissions", "0700");
    settings.put("port", Integer.toString(PORT));
    List<String> arguments = new ArrayList<>(List.of("-D", how.dataDirectory.toString()));
    settings.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));

    List<String> log = new CopyOnWriteArrayList<>();
    OsUser runnerUser = OsUser.current();
    Optional<List<String>> isolation = networkIsolation(runnerUser, redactor);
    List<String> prefix = new ArrayList<>(isolation.orElse(List.of()));
    prefix.addAll(owner.commandPrefix(runnerUser));
    ToolRun server =
        new ToolRun(redactor, how.postgres, arguments)
            .prefix(prefix)
            .environment(Map.of("HOME", how.place.root().toString(), "TZ", "UTC"))
            .directory(how.place.root())
            .endSignal(how.keeping ? "INT" : "QUIT") // fast, or immediate: the data is thrown away
            .grace(how.keeping ? how.limit : Duration.ofSeconds(10))
            .removeIfWeDie(how.place.root())
            .onErrorLine(line -> keep(log, line));
    AtomicReference<@Nullable Exception> ended = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform().daemon().name("scratch-server").start(() -> run(server, ended));
    ScratchServer started =
        new ScratchServer(run, how.superuser, log, thread, isolation.isPresent());
    try {
      started.awaitReady(how.limit);
    } catch (OperationFailed | InterruptedException e) {
      started.close();
      throw e;
    }
    return started;
  }

  /// Words that start a program in a network name space of its own, where that is allowed here.
  private static Optional<List<String>> networkIsolation(OsUser runner, Redactor redactor)
      throws IOException, InterruptedException {
    Path unshare = Path.of("/usr/bin/unshare");
    if (!runner.isRoot() || !Files.isExecutable(unshare)) {
      return Optional.empty();
    }
    ToolRun.Outcome probe =
        new ToolRun(redactor, unshare, List.of("--net", "--", "true")).run(Duration.ofSeconds(10));
    return probe.succeeded()
        ? Optional.of(List.of(unshare.toString(), "--net", "--"))
        : Optional.empty();
  }

  private static void run(ToolRun server, AtomicReference<@Nullable Exception> ended) {
    try {
      server.run(FOREVER);
    } catch (IOException e) {
      ended.set(e);
    } catch (InterruptedException e) {
      ended.set(e); // how close() ends it
    }
  }

  private static void keep(List<String> log, String line) {
    if (log.size() < KEPT_LOG_LINES || TROUBLE.matcher(line).find()) {
      log.add(line);
    }
  }

  private void awaitReady(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    ConnectionSettings settings = connection("postgres");
    while (System.nanoTime() < deadline) {
      if (!runner.isAlive()) {
        throw notUp(message("the scratch server did not start: {0}", lastWords()));
      }
      if (log.stream()
          .anyMatch(line -> line.contains("database system is ready to accept connections"))) {
        if (PgSession.answers(settings)) {
          return;
        }
      }
      Thread.sleep(25);
    }
    throw notUp(message("the scratch server was not ready after {0}: {1}", limit, lastWords()));
  }

  private static OperationFailed notUp(io.prova.base.Message problem) {
    return new OperationFailed(
        Failure.RESTORE_FAILED,
        problem,
        message("The lines are from the server's log; its last FATAL says why."));
  }

  /// What it died of, where it said so; what follows that is only how it went down.
  private String lastWords() {
    List<String> trouble = trouble();
    if (!trouble.isEmpty()) {
      return trouble.getLast();
    }
    List<String> tail = log.subList(Math.max(0, log.size() - 5), log.size());
    return String.join(" / ", tail);
  }

  /// How to connect to `database`, as superuser.
  public ConnectionSettings connection(String database) {
    return new ConnectionSettings(
        List.of(new Endpoint(runDirectory.toString(), PORT)),
        superuser,
        database,
        Optional.empty(),
        Map.of("application_name", "prova", "connect_timeout", "15"),
        Map.of());
  }

  /// Whether it runs in a network name space without any interface.
  public boolean withoutNetwork() {
    return withoutNetwork;
  }

  /// What the server logged so far: its first lines, and every line of trouble.
  public List<String> log() {
    return List.copyOf(log);
  }

  /// The log lines that tell of trouble.
  public List<String> trouble() {
    return log.stream().filter(ScratchServer::tellsOfTrouble).toList();
  }

  /// Whether a line of a server's log is a PANIC, FATAL or ERROR, but for refused early
  /// connections.
  public static boolean tellsOfTrouble(String line) {
    return TROUBLE.matcher(line).find() && !EXPECTED.matcher(line).find();
  }

  @Override
  public void close() {
    runner.interrupt();
    boolean interrupted = false;
    while (runner.isAlive()) {
      try {
        runner.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
