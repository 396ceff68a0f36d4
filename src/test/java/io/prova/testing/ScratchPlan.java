package io.prova.testing;

import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// A directory with a configuration, a repository and a state directory, for tests of the command
/// line. Whoever has no server gives none.
public final class ScratchPlan implements AutoCloseable {

  private final Path root;

  private ScratchPlan(Path root) {
    this.root = root;
  }

  /// @param lines of the configuration, besides those for the places
  public static ScratchPlan of(PgCluster cluster, String... lines) throws IOException {
    ScratchPlan plan = create();
    plan.configure(
        "connection: \"host=" + cluster.root() + " port=5432 user=postgres dbname=postgres\"");
    plan.configure("client_tools: " + cluster.bin());
    plan.configure("drill: {directory: /var/tmp}");
    plan.configure(lines);
    return plan;
  }

  public static ScratchPlan withoutServer(String... lines) throws IOException {
    ScratchPlan plan = create();
    plan.configure("connection: \"host=" + plan.root + " user=nobody\"");
    plan.configure(lines);
    return plan;
  }

  private static ScratchPlan create() throws IOException {
    ScratchPlan plan =
        new ScratchPlan(Files.createTempDirectory(Path.of("/tmp"), "prova-test-plan-"));
    plan.configure(
        "time_zone: America/Sao_Paulo",
        "repository: " + plan.repository(),
        "state_directory: " + plan.root.resolve("state"));
    return plan;
  }

  private void configure(String... lines) throws IOException {
    List<String> all =
        Files.exists(configFile()) ? Files.readAllLines(configFile()) : new ArrayList<>();
    all.addAll(List.of(lines));
    Files.write(configFile(), all);
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

  /// The same configuration with another repository, a copy of this one.
  public ScratchPlan copy() throws IOException {
    ScratchPlan copy =
        new ScratchPlan(Files.createTempDirectory(Path.of("/tmp"), "prova-test-plan-"));
    Files.writeString(
        copy.configFile(),
        Files.readString(configFile()).replace(root.toString(), copy.root.toString()));
    FileTree.copy(repository(), copy.repository());
    return copy;
  }

  /// Replaces a line of the configuration.
  public ScratchPlan reconfigure(String key, String line) throws IOException {
    List<String> lines =
        Files.readAllLines(configFile()).stream()
            .filter(each -> !each.startsWith(key + ":"))
            .collect(Collectors.toCollection(ArrayList::new));
    lines.add(line);
    Files.write(configFile(), lines);
    return this;
  }

  public CommandRun prova() {
    return CommandRun.in(root).with("PROVA_CONFIG", configFile().toString());
  }

  public CommandRun.Result prova(String... arguments) throws IOException {
    return prova().run(arguments);
  }

  /// Runs a command that must succeed.
  public CommandRun.Result done(String... arguments) throws IOException {
    CommandRun.Result result = prova(arguments);
    if (result.exitCode() != 0) {
      throw new AssertionError(List.of(arguments) + " ended with " + result);
    }
    return result;
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(root);
  }
}
