package io.prova.testing;

import io.prova.catalog.Backup;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.Damage;
import io.prova.catalog.Listing;
import io.prova.catalog.Repository;
import io.prova.journal.Anchor;
import io.prova.journal.Author;
import io.prova.journal.Journal;
import io.prova.journal.JournalRecord;
import io.prova.journal.JournalVerification;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// The whole program as a user has it, for one test cluster: a configuration file, a repository, a
/// state directory, a place for scratch servers, and the real process to be started, signalled and
/// killed.
public final class ProvaSite implements AutoCloseable {

  private final PgCluster cluster;
  private final Path root;
  private final Path repository;
  private final Path state;
  private final Map<String, String> settings = new LinkedHashMap<>();

  private ProvaSite(PgCluster cluster, Path root, Path repository, Path state) throws IOException {
    this.cluster = cluster;
    this.root = root;
    this.repository = repository;
    this.state = state;
    set("retention", "{keep_last: 1000}");
    set("service", "{pg_ctl: true, log: " + cluster.root().resolve("log") + "}");
    set("client_tools", cluster.bin().toString());
  }

  /// A site with a new, empty repository.
  public static ProvaSite of(PgCluster cluster) throws IOException {
    Path root = newRoot();
    return of(cluster, root, root.resolve("repository"), root.resolve("state"));
  }

  /// @param repository created, if it is not there
  public static ProvaSite of(PgCluster cluster, Path root, Path repository, Path state)
      throws IOException {
    ProvaSite site = new ProvaSite(cluster, root, repository, state);
    Files.createDirectories(site.scratch());
    Files.setPosixFilePermissions(site.scratch(), PosixFilePermissions.fromString("rwxrwxrwx"));
    try (PgSession session = cluster.session("postgres")) {
      Repository.create(
          repository,
          "main",
          ClusterFacts.systemIdentifier(session),
          TestRepository.ZONE,
          Instant.now());
    }
    return site;
  }

  /// A directory that servers' users may enter, with a path that leaves room for a socket.
  public static Path newRoot() throws IOException {
    Path root = Files.createTempDirectory(PgCluster.BASE, "prova-site-");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    return root;
  }

  public PgCluster cluster() {
    return cluster;
  }

  public Path root() {
    return root;
  }

  /// Where scratch servers are put.
  public Path scratch() {
    return root.resolve("scratch");
  }

  public Path state() {
    return state;
  }

  public Path repositoryRoot() {
    return repository;
  }

  public Repository repository() throws IOException {
    return Repository.open(repository);
  }

  /// One top-level key of prova.yaml; empty takes it away.
  public ProvaSite set(String key, String value) throws IOException {
    settings.put(key, value);
    StringBuilder yaml = new StringBuilder();
    yaml.append("time_zone: ").append(TestRepository.ZONE).append('\n');
    yaml.append("state_directory: ").append(state).append('\n');
    yaml.append("repository: ").append(repository).append('\n');
    yaml.append("connection: {host: ")
        .append(cluster.root())
        .append(", user: postgres, dbname: postgres}\n");
    if (!settings.containsKey("drill")) {
      yaml.append("drill: {directory: ").append(scratch()).append("}\n");
    }
    settings.forEach((name, text) -> {
      if (!text.isEmpty()) {
        yaml.append(name).append(": ").append(text).append('\n');
      }
    });
    Files.writeString(configFile(), yaml.toString());
    return this;
  }

  public Path configFile() {
    return root.resolve("prova.yaml");
  }

  /// A run that can be watched, signalled and killed.
  public RunningProva start(List<String> prefix, List<String> javaOptions, String... arguments)
      throws IOException {
    List<String> words = new ArrayList<>(prefix);
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Xshare:auto",
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8",
            "--enable-native-access=ALL-UNNAMED"));
    words.addAll(javaOptions);
    words.addAll(List.of("-cp", classPath(), "io.prova.Main"));
    words.addAll(List.of(arguments));
    words.addAll(List.of("--config", configFile().toString()));
    return RunningProva.start(words, root);
  }

  public RunningProva start(String... arguments) throws IOException {
    return start(List.of(), List.of(), arguments);
  }

  /// Runs to the end.
  public RunningProva.Result run(String... arguments) throws IOException, InterruptedException {
    return start(arguments).await();
  }

  /// Runs to the end, which must be a good one.
  public RunningProva.Result succeed(String... arguments) throws IOException, InterruptedException {
    RunningProva.Result result = run(arguments);
    if (result.exitCode() != 0) {
      throw new AssertionError(String.join(" ", arguments) + " failed: " + result);
    }
    return result;
  }

  /// Surefire hides the tests' class path in a jar; it tells the real one beside.
  private static String classPath() {
    return Objects.requireNonNullElseGet(
        System.getProperty("surefire.test.class.path"),
        () -> System.getProperty("java.class.path"));
  }

  public Listing list() throws IOException {
    return repository().catalog().list();
  }

  /// What is wrong with the listed backups: nothing, when every byte of each is as it was written.
  public List<String> damages() throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    Listing listing = list();
    listing.doubts().forEach(doubt -> found.add("doubt: " + doubt));
    for (Listing.Entry entry : listing.entries()) {
      Backup backup = entry.backup();
      List<Damage> damage = new ArrayList<>();
      BackupFiles.verify(
          repository().directory(backup), backup.checksums(), bytes -> {}, damage::add);
      damage.forEach(each -> found.add(backup.label() + ": " + each));
      if (entry.proof().damaged()) {
        found.add(backup.label() + " is recorded as damaged");
      }
    }
    return found;
  }

  /// The journal, checked against the anchors that the backups keep.
  public JournalVerification verifyJournal() throws IOException, InterruptedException {
    List<Anchor> anchors =
        list().entries().stream().flatMap(entry -> entry.backup().journal().stream()).toList();
    return journal().verify(anchors);
  }

  public List<JournalRecord> journalRecords() throws IOException {
    try (Stream<JournalRecord> records = journal().read()) {
      return records.toList();
    }
  }

  private Journal journal() throws IOException {
    return Journal.open(
        repository().journalDirectory(),
        new Author("test", "test"),
        InstantSource.system(),
        PgCluster.REDACTOR);
  }

  /// The last step that the log tells of, whatever became of the process.
  public Optional<String> lastStep() throws IOException {
    Path logs = state.resolve("logs");
    if (!Files.isDirectory(logs)) {
      return Optional.empty();
    }
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(logs).sorted()) {
      for (Path file : files.toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines.stream().filter(line -> !line.contains("| ")).reduce((first, second) -> second);
  }

  /// Files and directories left by runs that ended in the middle: nothing of it is a backup.
  public List<Path> leftovers() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path place : List.of(repository, state, scratch())) {
      if (!Files.isDirectory(place)) {
        continue;
      }
      try (Stream<Path> all = Files.walk(place)) {
        all.filter(path -> isLeftover(path.getFileName().toString())).forEach(found::add);
      }
    }
    return found;
  }

  private static boolean isLeftover(String name) {
    return name.startsWith(".incoming-")
        || name.startsWith(".leaving-")
        || name.startsWith(".tmp-")
        || name.startsWith("prova-scratch-");
  }

  /// Programs that work for this site: their command or environment names it, or the cluster's
  /// socket. The cluster's own server is not among them.
  public List<String> workers() throws IOException {
    List<String> found = new ArrayList<>();
    long postmaster = postmaster();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.toList()) {
        String pid = process.getFileName().toString();
        if (!pid.matches("[0-9]+") || Long.parseLong(pid) == ProcessHandle.current().pid()) {
          continue;
        }
        try {
          String command = Files.readString(process.resolve("cmdline")).replace('\0', ' ');
          String environment = Files.readString(process.resolve("environ"));
          boolean ours =
              (command + environment).contains(root.toString())
                  || (command + environment).contains(repository.toString())
                  || (command + environment).contains(cluster.root().toString());
          if (ours && !isServer(Long.parseLong(pid), postmaster)) {
            found.add(pid + " " + command);
          }
        } catch (IOException | java.io.UncheckedIOException e) {
          // it has ended meanwhile
        }
      }
    }
    return found;
  }

  private long postmaster() throws IOException {
    Path pidFile = cluster.dataDirectory().resolve("postmaster.pid");
    try {
      return Long.parseLong(Files.readString(pidFile).lines().findFirst().orElse("0").strip());
    } catch (java.nio.file.NoSuchFileException e) {
      return 0;
    }
  }

  private static boolean isServer(long pid, long postmaster) {
    return pid == postmaster
        || ProcessHandle.of(pid)
            .flatMap(ProcessHandle::parent)
            .filter(parent -> parent.pid() == postmaster)
            .isPresent();
  }

  /// Waits until nothing works for this site any more.
  ///
  /// @return what still does
  public List<String> awaitNoWorkers(int seconds) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + seconds * 1_000_000_000L;
    List<String> left = workers();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(200);
      left = workers();
    }
    return left;
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(root);
  }
}
