package io.prova.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.Main;
import io.prova.storage.DurableFiles;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaCli;
import io.prova.testing.ProvaCli.Answer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A scratch server can touch nothing, whatever the copied configuration tells it to do, and is
/// gone afterwards, whatever became of the one who started it.
class InertDrillTest {

  private static PgCluster cluster;
  private static ProvaCli cli;
  private static Path archive;
  private static Path elsewhere;
  private static ServerSocket trap;
  private static final AtomicInteger TRAPPED = new AtomicInteger();

  @BeforeAll
  static void start() throws Exception {
    trap = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(InertDrillTest::countCallers);
    cluster =
        PgCluster.start(
            PgCluster.installedBin(),
            List.of("--wal-segsize=1"),
            "wal_level = logical",
            "shared_preload_libraries = 'pg_stat_statements'");
    archive = cluster.directory("archive");
    elsewhere = cluster.directory("elsewhere");
    cluster.sql("postgres", "CREATE DATABASE shop", "CREATE DATABASE copy");
    cluster.sql(
        "shop",
        "CREATE EXTENSION pg_stat_statements",
        "CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 100) i",
        "CREATE PUBLICATION published FOR TABLE orders");
    String conninfo = "host=127.0.0.1 port=" + trap.getLocalPort() + " user=postgres dbname=shop";
    cluster.sql(
        "copy",
        "CREATE TABLE orders (id int)",
        "CREATE SUBSCRIPTION subscribed CONNECTION '"
            + conninfo
            + "' PUBLICATION published WITH (connect = false, slot_name = nowhere)");
    cluster.sql(
        "postgres",
        "UPDATE pg_subscription SET subenabled = true"); // enabled, and not running here yet
    // What the files say from now on; this server itself goes on without.
    Files.writeString(
        cluster.dataDirectory().resolve("postgresql.auto.conf"),
        "primary_conninfo = '" + conninfo + "'\n",
        StandardOpenOption.APPEND);
    cluster.configure(
        "archive_mode = always",
        "archive_command = 'touch " + archive + "/%f'",
        "archive_cleanup_command = 'touch " + archive + "/cleaned'",
        "recovery_end_command = 'touch " + archive + "/ended'",
        "restore_command = 'touch " + archive + "/fetched; false'",
        "listen_addresses = '*'",
        "ssl = on",
        "ssl_cert_file = '/nonexistent/server.crt'",
        "shared_preload_libraries = 'pg_stat_statements, no_such_job_scheduler'",
        "session_preload_libraries = 'no_such_library'",
        "logging_collector = on",
        "log_directory = '" + elsewhere + "'",
        "external_pid_file = '" + elsewhere + "/pid'",
        "synchronous_standby_names = 'nobody'",
        "data_directory = '" + cluster.dataDirectory() + "'",
        "unix_socket_directories = '" + cluster.root() + "'");
    cli = ProvaCli.forCluster(cluster);
    List<String> lines = new ArrayList<>(Files.readAllLines(cli.config()));
    lines.removeIf(line -> line.startsWith("drill:"));
    lines.addAll(
        List.of(
            "drill:",
            "  directory: " + cli.scratch(),
            "  assertions:",
            "    - {name: time to look, database: shop, sql: SELECT pg_sleep(2) IS NOT NULL}"));
    cli.configure(lines);
    cli.must("backup", "--physical");
    cli.must("backup", "--logical");
    cluster.run(
        "pg_ctl",
        List.of("-D", cluster.dataDirectory().toString(), "-w", "-m", "immediate", "stop"));
    try (Stream<Path> files = Files.list(archive)) {
      assertThat(files).isEmpty();
    }
  }

  private static void countCallers() {
    try {
      while (true) {
        try (Socket caller = trap.accept()) {
          TRAPPED.incrementAndGet();
        }
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  @AfterAll
  static void stop() throws Exception {
    cli.close();
    cluster.close();
    trap.close();
  }

  /// What was seen of scratch servers while they ran.
  private static final class Witness implements AutoCloseable {

    final Set<Long> servers = new HashSet<>();
    final Set<String> listening = new TreeSet<>();
    final Set<String> processes = new TreeSet<>();
    private volatile boolean over;
    private final Thread thread = Thread.ofPlatform().daemon().start(this::look);

    private void look() {
      while (!over) {
        try {
          for (long pid : serverPids()) {
            servers.add(pid);
            Optional<ProcessHandle> server = ProcessHandle.of(pid);
            List<ProcessHandle> all = new ArrayList<>(server.stream().toList());
            server.ifPresent(each -> all.addAll(each.descendants().toList()));
            for (ProcessHandle each : all) {
              processes.add(commandLine(each.pid()));
              listening.addAll(internetSockets(each.pid()));
            }
          }
          Thread.sleep(100);
        } catch (IOException e) {
          // it ended while it was looked at
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      over = true;
      thread.join();
    }
  }

  private static List<Path> places() throws IOException {
    try (Stream<Path> places = Files.list(cli.scratch())) {
      return places.toList();
    }
  }

  private static List<Long> serverPids() throws IOException {
    List<Long> pids = new ArrayList<>();
    for (Path place : places()) {
      Path file = place.resolve("data").resolve("postmaster.pid");
      if (Files.exists(file)) {
        String first = Files.readString(file).lines().findFirst().orElse("");
        if (first.matches("[0-9]+")) {
          pids.add(Long.parseLong(first));
        }
      }
    }
    return pids;
  }

  private static String commandLine(long pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
        .replace('\0', ' ')
        .strip();
  }

  /// Sockets of a process that are in its name space's tables of TCP and UDP.
  private static Set<String> internetSockets(long pid) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring(8, target.length() - 1));
          }
        } catch (NoSuchFileException e) {
          // closed meanwhile
        }
      }
    }
    Set<String> found = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9 && inodes.contains(fields[9])) {
          found.add(table + " " + fields[1] + " to " + fields[2] + " state " + fields[3]);
        }
      }
    }
    return found;
  }

  @Test
  void aDrillTouchesNothingWhateverTheConfigurationSays() throws Exception {
    Witness witness = new Witness();
    Answer drill;
    try (witness) {
      drill = cli.run("drill");
    }
    assertThat(drill.exitCode()).as("%s", drill).isZero();
    assertThat(witness.servers).as("servers seen at work").hasSize(2);
    assertThat(witness.listening).as("TCP sockets of the scratch servers").isEmpty();
    assertThat(witness.processes)
        .as("processes of the scratch servers")
        .noneMatch(line -> line.contains("archiver") || line.contains("logical replication"))
        .noneMatch(line -> line.contains("walreceiver") || line.contains("logger"));
    assertThat(TRAPPED).as("connections to elsewhere").hasValue(0);
    for (Path untouched : List.of(archive, elsewhere)) {
      try (Stream<Path> files = Files.list(untouched)) {
        assertThat(files).isEmpty();
      }
    }
    assertThat(places()).isEmpty();
    assertThat(witness.servers).noneMatch(pid -> ProcessHandle.of(pid).isPresent());
  }

  /// A drill in a process of its own, as far as its assertion.
  private static Process drillingProcess() throws IOException, InterruptedException {
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--config",
            cli.root().resolve("waiting.yaml").toString(),
            "drill");
    List<String> lines = new ArrayList<>(Files.readAllLines(cli.config()));
    lines.replaceAll(line -> line.replace("pg_sleep(2)", "pg_sleep(300)"));
    Files.write(cli.root().resolve("waiting.yaml"), lines);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(new File(cli.root() + "/waiting.log")))
            .start();
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (serverPids().isEmpty() || !isReady()) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        process.destroyForcibly();
        throw new IOException(
            "no server came up: " + Files.readString(cli.root().resolve("waiting.log")));
      }
      Thread.sleep(50);
    }
    return process;
  }

  private static boolean isReady() throws IOException {
    for (Path place : places()) {
      Path file = place.resolve("data").resolve("postmaster.pid");
      if (Files.exists(file) && Files.readString(file).contains("ready")) {
        return true;
      }
    }
    return false;
  }

  private static void awaitGone(long pid) throws InterruptedException {
    for (int i = 0;
        i < 300 && ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
        i++) {
      Thread.sleep(100);
    }
  }

  @Test
  @Tag("slow")
  void theServerDiesWithADrillThatIsKilled() throws Exception {
    Process drilling = drillingProcess();
    long server = serverPids().getFirst();
    drilling.destroyForcibly().waitFor();
    awaitGone(server);
    assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive)).isEmpty();
    for (int i = 0; i < 100 && !places().isEmpty(); i++) {
      Thread.sleep(100);
    }
    assertThat(places()).isEmpty();
  }

  /// Nobody was left to end it: its guards were killed as well.
  @Test
  void theNextDrillEndsAServerThatOutlivedItsOwn() throws Exception {
    Process drilling = drillingProcess();
    long server = serverPids().getFirst();
    List<ProcessHandle> guards =
        drilling.descendants().filter(each -> isShell(each.pid())).toList();
    assertThat(guards).isNotEmpty();
    // First they are stopped, so that none of them notices the end of another.
    for (ProcessHandle each : guards) {
      new ProcessBuilder("kill", "-STOP", Long.toString(each.pid())).start().waitFor();
    }
    drilling.destroyForcibly().waitFor();
    guards.forEach(ProcessHandle::destroyForcibly);
    Thread.sleep(500);
    assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive))
        .as("it runs on")
        .isPresent();
    List<Path> left = places();
    assertThat(left).hasSize(1);

    Answer drill = cli.run("drill");

    assertThat(drill.exitCode()).as("%s", drill).isZero();
    assertThat(log()).contains("removed what an interrupted drill left: " + left.getFirst());
    awaitGone(server);
    assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(places()).isEmpty();
  }

  private static String log() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> logs = Files.list(cli.state().resolve("logs"))) {
      for (Path log : logs.toList()) {
        text.append(Files.readString(log));
      }
    }
    return text.toString();
  }

  private static boolean isShell(long pid) {
    try {
      return commandLine(pid).startsWith("sh -c");
    } catch (IOException e) {
      return false;
    }
  }

  /// A place that somebody uses right now is left alone.
  @Test
  @Tag("slow")
  void aPlaceInUseIsNotSwept() throws Exception {
    Process drilling = drillingProcess();
    try {
      List<Path> used = places();
      assertThat(cli.run("drill").exitCode()).isZero();
      assertThat(places()).isEqualTo(used);
      assertThat(drilling.isAlive()).isTrue();
    } finally {
      long server = serverPids().getFirst();
      drilling.destroyForcibly().waitFor();
      awaitGone(server);
      for (Path place : places()) {
        DurableFiles.deleteTree(place);
      }
    }
  }
}
