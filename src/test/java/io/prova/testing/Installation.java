package io.prova.testing;

import io.prova.Main;
import io.prova.app.Surroundings;
import io.prova.app.Wiring;
import io.prova.base.Language;
import io.prova.journal.JournalRecord;
import io.prova.postgres.OsUser;
import io.prova.storage.DurableFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Prova as a user has it: a configuration, a repository, a state directory, and recipients of
/// alerts who keep what they are told. Removed on close.
public final class Installation implements AutoCloseable {

  /// What a command printed and how it ended.
  public record Answer(int exitCode, String out, String error) {

    public String firstLine() {
      return out.lines().findFirst().orElse("");
    }
  }

  private final Path root;
  private final Map<String, String> variables =
      new TreeMap<>(Map.of("PATH", System.getenv("PATH")));
  private InstantSource clock = InstantSource.system();

  private Installation(Path root) {
    this.root = root;
  }

  /// Nothing is configured yet.
  public static Installation empty() throws IOException {
    Path root = Files.createTempDirectory(Path.of("/tmp"), "prova-test-site-");
    Installation made = new Installation(root);
    // One line for each message: its kind and its subject.
    Files.writeString(
        root.resolve("tell.sh"),
        "printf '%s %s\\n' \"$PROVA_ALERT_KIND\" \"$PROVA_ALERT_SUBJECT\" >>\"$1\"\ncat >>\"$1.json\"\n");
    return made;
  }

  /// For a cluster, with a repository, the jobs that `jobs` schedules, and alerts by command.
  ///
  /// @param jobs lines of YAML
  public static Installation of(PgCluster cluster, String jobs, InstantSource clock)
      throws IOException {
    Installation made = empty();
    made.setClock(clock);
    made.configure(cluster, jobs);
    Answer init = made.run("init");
    if (Files.notExists(made.repository().resolve("repository.json"))) {
      throw new IOException("init failed: " + init);
    }
    return made;
  }

  public void configure(PgCluster cluster, String jobs) throws IOException {
    write(
        "connection: {host: %s, port: %d, user: postgres, dbname: postgres}\nrepository: %s\nclient_tools: %s\n%s\n%s"
            .formatted(
                cluster.root(), cluster.port(), repository(), cluster.bin(), jobs, common()));
  }

  /// The part of the configuration that is not a cluster's.
  public String common() {
    return """
    time_zone: America/Sao_Paulo
    state_directory: %1$s/state
    alerts:
      team: {command: [/bin/sh, %1$s/tell.sh, %1$s/team]}
      administrators: {command: [/bin/sh, %1$s/tell.sh, %1$s/administrators]}
    """
        .formatted(root);
  }

  public void write(String yaml) throws IOException {
    Files.writeString(configFile(), yaml);
  }

  public Path root() {
    return root;
  }

  public Path configFile() {
    return root.resolve("prova.yaml");
  }

  public Path repository() {
    return root.resolve("backupSQL");
  }

  public Path state() {
    return root.resolve("state");
  }

  public void setClock(InstantSource other) {
    clock = other;
  }

  public void setVariable(String name, String value) {
    variables.put(name, value);
  }

  public Surroundings surroundings() throws IOException {
    return new Surroundings(
        variables, root, OsUser.current(), "db1", Language.ENGLISH, "0.0.0-test", clock);
  }

  public Wiring wiring() throws IOException {
    return Wiring.load(surroundings(), Optional.of(configFile()));
  }

  /// Runs a command as if it had been typed with `--config`.
  public Answer run(String... arguments) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    String[] line =
        Stream.concat(
                Stream.of(arguments[0], "--config", configFile().toString()),
                Stream.of(arguments).skip(1))
            .toArray(String[]::new);
    int code =
        Main.run(
            line,
            surroundings(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(error, true, StandardCharsets.UTF_8));
    return new Answer(
        code, out.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
  }

  /// What `team` or `administrators` were told so far, such as `raised [Prova] main: …`.
  public List<String> told(String who) throws IOException {
    Path file = root.resolve(who);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /// The whole of what they were told, as JSON.
  public String toldInFull(String who) throws IOException {
    return Files.readString(root.resolve(who + ".json"));
  }

  public List<JournalRecord> journal() throws IOException {
    return wiring().journal(wiring().cluster(Optional.empty())).tail(1000);
  }

  /// Labels of published backups of both kinds, in no order.
  public List<String> backups() throws IOException {
    try (Stream<Path> files =
        Stream.of("logicos", "fisicos").flatMap(kind -> children(repository().resolve(kind)))) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }

  private static Stream<Path> children(Path directory) {
    try {
      return Files.list(directory);
    } catch (IOException e) {
      return Stream.of();
    }
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(root);
  }
}
