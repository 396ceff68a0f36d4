package io.prova.testing;

import io.prova.Main;
import io.prova.app.Surroundings;
import io.prova.base.Language;
import io.prova.catalog.Repository;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.OsUser;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The command line against one test cluster, with a home, configuration, repository, state and
/// scratch directory of its own: what a user types, and what he sees.
public final class ProvaCli implements AutoCloseable {

  /// What a command said, and how it ended.
  public record Answer(int exitCode, String out, String error) {

    public String said() {
      return out + error;
    }

    /// For a failing assertion.
    @Override
    public String toString() {
      return "exit code " + exitCode + "\n" + said();
    }
  }

  private final Path root;
  private final Path config;
  private final Map<String, String> variables = new LinkedHashMap<>();
  private InstantSource clock = InstantSource.system();

  private ProvaCli(Path root) {
    this.root = root;
    this.config = root.resolve("prova.yaml");
  }

  /// @param more further lines of the configuration
  public static ProvaCli forCluster(PgCluster cluster, String... more) throws IOException {
    ProvaCli cli = empty();
    List<String> lines =
        new ArrayList<>(
            List.of(
                "connection: {host: " + cluster.root() + ", user: postgres}",
                "repository: " + cli.repository(),
                "state_directory: " + cli.state(),
                "time_zone: America/Sao_Paulo",
                "client_tools: " + cluster.bin(),
                "drill: {directory: " + cli.scratch() + "}"));
    lines.addAll(List.of(more));
    cli.configure(lines);
    try (PgSession session = cluster.session("postgres")) {
      Repository.create(
          cli.repository(),
          "main",
          ClusterFacts.systemIdentifier(session),
          TestRepository.ZONE,
          Instant.now());
    }
    return cli;
  }

  /// Without a configuration.
  public static ProvaCli empty() throws IOException {
    Path root = Files.createTempDirectory(Path.of("/tmp"), "prova-cli-");
    // The scratch server's user must get through to its place.
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    ProvaCli cli = new ProvaCli(root);
    Files.createDirectory(cli.scratch());
    Files.setAttribute(cli.scratch(), "unix:mode", 01777); // as /var/tmp has it
    Files.createDirectory(cli.home());
    cli.set("PATH", "/usr/bin:/bin");
    return cli;
  }

  public void configure(List<String> lines) throws IOException {
    Files.write(config, lines);
    Files.setPosixFilePermissions(config, DurableFiles.OWNER_FILE);
  }

  public ProvaCli set(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  public ProvaCli unset(String variable) {
    variables.remove(variable);
    return this;
  }

  public void setClock(InstantSource other) {
    clock = other;
  }

  public Path root() {
    return root;
  }

  public Path config() {
    return config;
  }

  public Path repository() {
    return root.resolve("backupSQL");
  }

  public Path state() {
    return root.resolve("state");
  }

  public Path scratch() {
    return root.resolve("scratch");
  }

  public Path home() {
    return root.resolve("home");
  }

  public Answer run(String... arguments) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    OsUser user = OsUser.current();
    Surroundings surroundings =
        new Surroundings(
            Map.copyOf(variables),
            root,
            new OsUser(user.name(), user.uid(), user.gid(), home()),
            "test-host",
            Language.ENGLISH,
            "0.0.0-test",
            clock);
    List<String> words = new ArrayList<>(List.of("--config", config.toString()));
    words.addAll(List.of(arguments));
    int exitCode =
        Main.run(
            words.toArray(String[]::new),
            surroundings,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(error, true, StandardCharsets.UTF_8));
    return new Answer(
        exitCode, out.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
  }

  /// Runs what is only a preparation.
  public Answer must(String... arguments) throws IOException {
    Answer answer = run(arguments);
    if (answer.exitCode() != 0) {
      throw new AssertionError(List.of(arguments) + " ended with " + answer);
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(root);
  }
}
