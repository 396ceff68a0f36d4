package io.prova.testing;

import io.prova.Main;
import io.prova.app.Surroundings;
import io.prova.base.Language;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Repository;
import io.prova.postgres.OsUser;
import io.prova.storage.DurableFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The program as a user runs it: commands in, exit code and text out. Its configuration,
/// repository and state lie in a directory of its own, which is removed on close.
public final class Prova implements AutoCloseable {

  private final Path directory;
  private final Path config;
  private final Map<String, String> variables = new LinkedHashMap<>();

  private Prova(Path directory, Path config) {
    this.directory = directory;
    this.config = config;
  }

  /// What a command left: its exit code and what it wrote.
  public record Said(int exitCode, String out, String error) {

    @Override
    public String toString() {
      return "exit code " + exitCode + "\n" + out + error;
    }
  }

  /// Without a configuration: `init` writes one.
  public static Prova unconfigured() throws IOException {
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "prova-test-prova-");
    Prova prova = new Prova(directory, directory.resolve("prova.yaml"));
    prova.set("PATH", System.getenv("PATH"));
    prova.set("HOME", prova.directory.toString());
    return prova;
  }

  /// Configured to back `cluster` up by its superuser, through its socket, with a repository.
  ///
  /// @param yaml further lines of prova.yaml
  public static Prova forCluster(PgCluster cluster, String... yaml) throws IOException {
    Prova prova = unconfigured();
    prova.configure(cluster, yaml);
    prova.succeeds(
        "init", "--connection", prova.connection(cluster), "--repository", prova.repository() + "");
    return prova;
  }

  /// The same repository and directory (not removed twice), with another cluster to restore into.
  public Prova beside(PgCluster other) throws IOException {
    Prova there = new Prova(directory, directory.resolve("prova-beside.yaml"));
    there.variables.putAll(variables);
    there.configure(other);
    return there;
  }

  /// Writes prova.yaml anew.
  public void configure(PgCluster cluster, String... yaml) throws IOException {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "time_zone: America/Sao_Paulo",
                "state_directory: " + directory.resolve("state"),
                "repository: " + repository(),
                "client_tools: " + cluster.bin(),
                "service: { pg_ctl: yes }",
                "connection:",
                "  host: " + cluster.root(),
                "  port: " + cluster.port(),
                "  user: postgres",
                "  dbname: postgres"));
    lines.addAll(List.of(yaml));
    Files.write(config(), lines);
  }

  /// How its superuser reaches `cluster`.
  public String connection(PgCluster cluster) {
    return "host=" + cluster.root() + " port=" + cluster.port() + " user=postgres dbname=postgres";
  }

  public Path directory() {
    return directory;
  }

  public Path config() {
    return config;
  }

  public Path repository() {
    return directory.resolve("backupSQL");
  }

  /// Sets a variable of the environment that commands see.
  public void set(String variable, String value) {
    variables.put(variable, value);
  }

  public void unset(String variable) {
    variables.remove(variable);
  }

  public Said run(String... arguments) throws IOException {
    List<String> words = new ArrayList<>(List.of("--config", config().toString()));
    words.addAll(List.of(arguments));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    int exitCode =
        Main.run(
            words.toArray(String[]::new),
            surroundings(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(error, true, StandardCharsets.UTF_8));
    return new Said(
        exitCode, out.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
  }

  private Surroundings surroundings() throws IOException {
    return new Surroundings(
        Map.copyOf(variables),
        directory,
        OsUser.current(),
        "testhost",
        Language.ENGLISH,
        "0.0.0-test",
        InstantSource.system());
  }

  /// Fails the test unless the exit code is 0, or 1, by which `check` and `status` tell of
  /// warnings.
  public Said succeeds(String... arguments) throws IOException {
    return requireSuccess(run(arguments), arguments);
  }

  static Said requireSuccess(Said said, String... arguments) {
    boolean tellsWarnings = List.of("init", "check", "status").contains(arguments[0]);
    if (said.exitCode != 0 && !(tellsWarnings && said.exitCode == 1)) {
      throw new AssertionError("prova " + String.join(" ", arguments) + ": " + said);
    }
    return said;
  }

  /// The newest backup of a kind, which must be there.
  public Listing.Entry newest(BackupKind kind) throws IOException {
    return Repository.open(repository()).catalog().list().newest(kind).orElseThrow();
  }

  /// Where the newest backup of a kind is stored.
  public Path stored(BackupKind kind) throws IOException {
    return Repository.open(repository()).directory(newest(kind).backup());
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(directory);
  }
}
