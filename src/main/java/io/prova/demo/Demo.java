package io.prova.demo;

import static io.prova.base.Message.message;

import io.prova.app.Surroundings;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Carries the plan out on a scratch cluster, by the commands that a user would type, through two
/// disasters.
public final class Demo {

  /// Shows the demo, and runs a command of this program as its user would.
  public interface Stage {

    void blank();

    void heading(String text);

    void line(String text);

    /// @return its exit code
    int run(List<String> arguments);
  }

  private static final String DATABASE = DemoCluster.DATABASE;

  private final Surroundings surroundings;
  private final Stage stage;
  private final DemoCluster cluster;
  private final Path configFile;
  private int step;

  private Demo(Surroundings surroundings, Stage stage, DemoCluster cluster) {
    this.surroundings = surroundings;
    this.stage = stage;
    this.cluster = cluster;
    this.configFile = cluster.root().resolve("prova.yaml");
  }

  /// @param keep leave the cluster running and the repository in place
  /// @return the exit code
  public static int run(Surroundings surroundings, Stage stage, boolean keep)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    try (DemoCluster cluster = DemoCluster.create(surroundings, keep)) {
      Demo demo = new Demo(surroundings, stage, cluster);
      demo.run();
      demo.summary(Duration.ofNanos(System.nanoTime() - began));
      if (keep) {
        demo.say(
            message(
                "kept: {0} (stop its server with: {1})", cluster.root(), cluster.stopCommand()));
      }
    }
    return 0;
  }

  private void run() throws IOException, InterruptedException {
    heading(message("A scratch cluster with data worth protecting"));
    cluster.start();
    long rows = cluster.fill();
    say(message("database {0}: {1} rows in {2}", DATABASE, rows, cluster.root()));
    String before = cluster.dumpDigest();

    heading(message("Set up, and check"));
    prova(
        "init",
        "--connection",
        cluster.uri(),
        "--repository",
        cluster.root().resolve("backupSQL").toString(),
        "--state-directory",
        cluster.root().resolve("state").toString());

    heading(message("Both backups of the plan"));
    prova("backup", "--logical");
    prova("backup", "--physical");
    prova("list");

    heading(message("Disaster: somebody drops the tables"));
    cluster.dropTables();
    say(message("schema vendas is gone, with its {0} rows", DemoCluster.ROWS_IN_VENDAS));
    prova("recover", "--database", DATABASE, "--yes");
    compare(before);

    heading(message("Disaster: the whole data directory is lost"));
    cluster.destroy();
    say(message("the server is dead, {0} and the tablespace are deleted", cluster.dataDirectory()));
    prova("recover", "--yes");
    compare(before);

    heading(message("The monthly restore test, of both backups"));
    prova("drill");
    prova("status");
    prova("journal", "verify");
  }

  private void heading(Message title) {
    step++;
    stage.blank();
    stage.heading(step + ". " + title.in(surroundings.language()));
  }

  private void say(Message message) {
    stage.line(message.in(surroundings.language()));
  }

  /// Runs a command of ours as its user would, and shows it.
  private void prova(String... arguments) {
    List<String> shown = new ArrayList<>(List.of("$ prova"));
    shown.addAll(Arrays.asList(arguments));
    stage.line(String.join(" ", shown));
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--config", configFile.toString()));
    int code = stage.run(all);
    // check and status answer 1 for warnings: the scratch cluster alerts nobody.
    boolean warns = arguments[0].equals("init") || arguments[0].equals("status");
    if (code != 0 && !(warns && code == 1)) {
      throw new OperationFailed(
          Failure.INTERNAL,
          message("the demo stopped: `{0}` ended with {1}", String.join(" ", shown), code));
    }
  }

  private void compare(String before) throws IOException, InterruptedException {
    if (!cluster.dumpDigest().equals(before)) {
      throw new OperationFailed(
          Failure.VALIDATION_FAILED,
          message("a dump of {0} is not what it was before the disaster", DATABASE));
    }
    say(message("a dump of {0} now is, byte by byte, what it was before the disaster", DATABASE));
  }

  private void summary(Duration took) {
    heading(message("What was proven, in {0}", took));
    say(message("- a dropped schema came back from the logical backup, into the running server"));
    say(
        message(
            "- a destroyed data directory came back from the physical backup, with its tablespace"));
    say(message("- after each, a dump of the database was byte for byte what it was before"));
    say(
        message(
            "- both backups were restored into scratch servers, and their data is what it was at backup time"));
    say(message("- all of it is in a journal that shows every later change"));
    stage.blank();
    say(message("proven"));
  }
}
