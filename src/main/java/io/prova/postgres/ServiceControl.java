package io.prova.postgres;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Stops and starts the server of a data directory, the way this machine does it.
public final class ServiceControl {

  private static final Pattern DEBIAN_CONFIG =
      Pattern.compile("/etc/postgresql/([^/]+)/([^/]+)/postgresql\\.conf");
  private static final Pattern DEBIAN_DATA = Pattern.compile("/var/lib/postgresql/([^/]+)/([^/]+)");
  private static final Path SYSTEMD = Path.of("/run/systemd/system");
  private static final Path PG_CTLCLUSTER = Path.of("/usr/bin/pg_ctlcluster");

  /// Below what the whole program has after a signal.
  private static final int SECONDS_AFTER_INTERRUPT = 10;

  private static final int MOST_OUTPUT_BYTES = 64 * 1024;

  private final ServiceChoice choice;
  private final Path dataDirectory;
  private final OsUser owner;
  private final Optional<Path> pgCtl;
  private final Duration limit;
  private final Redactor redactor;

  private ServiceControl(
      ServiceChoice choice,
      Path dataDirectory,
      OsUser owner,
      Optional<Path> pgCtl,
      Duration limit,
      Redactor redactor) {
    this.choice = choice;
    this.dataDirectory = dataDirectory;
    this.owner = owner;
    this.pgCtl = pgCtl;
    this.limit = limit;
    this.redactor = redactor;
  }

  /// @param configFile where the server's configuration is, or was
  /// @param owner whom the data directory belongs to
  /// @param pgCtl the program of the server's major, needed only for [ServiceChoice.PgCtl]
  /// @param limit how long a start or a stop may take
  public static ServiceControl of(
      ServiceChoice configured,
      Path dataDirectory,
      Optional<Path> configFile,
      OsUser owner,
      Optional<Path> pgCtl,
      Duration limit,
      Redactor redactor) {
    ServiceChoice choice =
        configured instanceof ServiceChoice.Auto ? detect(dataDirectory, configFile) : configured;
    return new ServiceControl(choice, dataDirectory, owner, pgCtl, limit, redactor);
  }

  /// Debian's layout tells version and name; elsewhere pg_ctl always works.
  public static ServiceChoice detect(Path dataDirectory, Optional<Path> configFile) {
    Matcher matcher = DEBIAN_CONFIG.matcher(configFile.map(Path::toString).orElse(""));
    if (!matcher.matches()) {
      matcher = DEBIAN_DATA.matcher(dataDirectory.toString());
    }
    if (matcher.matches() && Files.isExecutable(PG_CTLCLUSTER)) {
      return systemdRuns()
          ? new ServiceChoice.Systemd("postgresql@" + matcher.group(1) + "-" + matcher.group(2))
          : new ServiceChoice.PgCtlCluster(matcher.group(1), matcher.group(2));
    }
    return new ServiceChoice.PgCtl(Optional.empty());
  }

  /// Whether systemd is the one that runs this machine's services.
  public static boolean systemdRuns() {
    return Files.isDirectory(SYSTEMD);
  }

  public ServiceChoice choice() {
    return choice;
  }

  /// Whether a postmaster works in the data directory.
  public boolean isRunning() throws IOException {
    return postmasterPid(dataDirectory).isPresent();
  }

  /// The process that serves `dataDirectory`. A pid file alone is no proof: after a crash its
  /// number may be another program's.
  public static Optional<Long> postmasterPid(Path dataDirectory) throws IOException {
    Path file = dataDirectory.resolve("postmaster.pid");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    String first = Files.readString(file).lines().findFirst().orElse("").strip();
    if (!first.matches("[0-9]{1,18}")) {
      return Optional.empty();
    }
    long pid = Long.parseLong(first);
    Path workingDirectory = Path.of("/proc", first, "cwd");
    if (ProcessHandle.of(pid).isEmpty()) {
      return Optional.empty();
    }
    try {
      return Files.isSameFile(workingDirectory, dataDirectory)
          ? Optional.of(pid)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          pid); // another user's process: we may not look, so it counts as the server
    }
  }

  public void stop() throws IOException, InterruptedException {
    run(
        stopCommand(),
        (command, why) -> message("the service did not stop by `{0}`: {1}", command, why));
    if (isRunning()) {
      throw new OperationFailed(
          Failure.RESTORE_FAILED,
          message("the server still runs after: {0}", String.join(" ", stopCommand())),
          message(
              "Is this the right service for {0}? See `service` in prova.yaml.", dataDirectory));
    }
  }

  public void start() throws IOException, InterruptedException {
    run(
        startCommand(),
        (command, why) -> message("the service did not start by `{0}`: {1}", command, why));
  }

  /// What [#stop] runs, as a person would type it.
  public List<String> stopCommand() {
    return switch (choice) {
      case ServiceChoice.Auto() -> throw new IllegalStateException("not detected");
      case ServiceChoice.Systemd(var unit) -> List.of("systemctl", "stop", unit);
      case ServiceChoice.PgCtl(var log) ->
          asOwner(
              List.of(
                  pgCtlProgram(),
                  "-D",
                  dataDirectory.toString(),
                  "-w",
                  "-t",
                  seconds(),
                  "-m",
                  "fast",
                  "stop"));
      case ServiceChoice.PgCtlCluster(var version, var name) ->
          List.of(PG_CTLCLUSTER.toString(), "--mode", "fast", version, name, "stop");
      case ServiceChoice.Commands(var start, var stop, var log) -> stop;
    };
  }

  public List<String> startCommand() {
    return switch (choice) {
      case ServiceChoice.Auto() -> throw new IllegalStateException("not detected");
      case ServiceChoice.Systemd(var unit) -> List.of("systemctl", "start", unit);
      case ServiceChoice.PgCtl(var log) ->
          asOwner(
              List.of(
                  pgCtlProgram(),
                  "-D",
                  dataDirectory.toString(),
                  "-w",
                  "-t",
                  seconds(),
                  "-l",
                  log().orElseThrow().toString(),
                  "start"));
      case ServiceChoice.PgCtlCluster(var version, var name) ->
          List.of(PG_CTLCLUSTER.toString(), version, name, "start");
      case ServiceChoice.Commands(var start, var stop, var log) -> start;
    };
  }

  /// Where the server writes its log before (or without) a logging collector, as far as that is
  /// known.
  public Optional<Path> log() {
    return switch (choice) {
      case ServiceChoice.Auto() -> Optional.empty();
      case ServiceChoice.Systemd(var unit) -> debianLog(unit);
      case ServiceChoice.PgCtl(var log) -> Optional.of(log.orElse(Path.of(dataDirectory + ".log")));
      case ServiceChoice.PgCtlCluster(var version, var name) ->
          Optional.of(debianLog(version, name));
      case ServiceChoice.Commands(var start, var stop, var log) -> log;
    };
  }

  private static Optional<Path> debianLog(String unit) {
    Matcher matcher = Pattern.compile("postgresql@([^-]+)-(.+?)(\\.service)?").matcher(unit);
    return matcher.matches()
        ? Optional.of(debianLog(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  private static Path debianLog(String version, String name) {
    return Path.of("/var/log/postgresql/postgresql-" + version + "-" + name + ".log");
  }

  private String pgCtlProgram() {
    return pgCtl
        .orElseThrow(() ->
            new OperationFailed(
                Failure.TOOLS,
                message("pg_ctl of the server's version is not installed here"),
                message(
                    "Install the server's package, or say in prova.yaml how the service is stopped and started (`service`).")))
        .toString();
  }

  private String seconds() {
    return Long.toString(limit.toSeconds());
  }

  private List<String> asOwner(List<String> command) {
    try {
      List<String> words = new ArrayList<>(owner.commandPrefix(OsUser.current()));
      words.addAll(command);
      return words;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// What to say of a command that did not do its work.
  @FunctionalInterface
  private interface Complaint {
    Message about(String command, Message why);
  }

  private void run(List<String> command, Complaint complaint)
      throws IOException, InterruptedException {
    // Its output goes to a file, not to a pipe: the server inherits it and would keep a pipe open.
    Path output = Files.createTempFile("prova-service", ".log");
    try (InputStream said = Files.newInputStream(output)) {
      Process process;
      try {
        process =
            new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
      } finally {
        Files.deleteIfExists(output); // at once: it lives as long as somebody has it open
      }
      if (!awaitEnd(process)) {
        process.destroyForcibly();
        throw failed(command, complaint, message("no end after {0}", limit));
      }
      if (process.exitValue() != 0) {
        String text =
            redactor
                .redact(new String(said.readNBytes(MOST_OUTPUT_BYTES), StandardCharsets.UTF_8))
                .strip()
                .replaceAll("\\s*\n\\s*", " / ");
        throw failed(command, complaint, message("exit code {0}: {1}", process.exitValue(), text));
      }
    }
  }

  /// An interrupt waits for the command too: whoever is interrupted puts directories back in their
  /// places, and must not do so under a server that is just starting or stopping.
  private boolean awaitEnd(Process process) throws InterruptedException {
    try {
      return process.waitFor(limit.toSeconds() + 30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      boolean _ = process.waitFor(SECONDS_AFTER_INTERRUPT, TimeUnit.SECONDS);
      throw e;
    }
  }

  private OperationFailed failed(List<String> command, Complaint complaint, Message why) {
    return new OperationFailed(
        Failure.RESTORE_FAILED,
        complaint.about(String.join(" ", command), why),
        message("The server's log says more: {0}", log().map(Path::toString).orElse("-")));
  }
}
