package io.prova.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.postgres.connection.PgSession;
import io.prova.testing.Installation;
import io.prova.testing.PgCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `prova serve` as a process of its own, with its signals.
class ServeProcessTest {

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static PgCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql("postgres", "CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 100) i");
    cluster.sql("postgres", "CREATE DATABASE shop");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  /// A daemon, ended at the end of the test if it still runs.
  private record Daemon(Process process, Path output) implements AutoCloseable {

    static Daemon start(Installation installation, String name) throws IOException {
      Path output = installation.root().resolve(name + ".log");
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              System.getProperty("java.class.path"),
              "io.prova.Main",
              "serve",
              "--config",
              installation.configFile().toString());
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().keySet().removeIf(variable -> variable.startsWith("PG"));
      return new Daemon(builder.start(), output);
    }

    String said() {
      try {
        return Files.readString(output);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    int waitFor() throws InterruptedException {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(said()).isTrue();
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static void await(String what, Daemon daemon, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s; it said: %s", what, daemon.said()).isLessThan(end);
      Thread.sleep(100);
    }
  }

  /// One server as two clusters: what is locked in the first does not concern the second.
  private static void configureTwo(Installation installation) throws IOException {
    String each =
        """
          %1$s:
            connection: {host: %2$s, port: %3$d, user: postgres, dbname: postgres}
            client_tools: %4$s
            repository: %5$s/%1$s
            logical: {schedule: "* * * * *", include: %6$s}
            physical: {schedule: never}
            drill: {schedule: never}
        """;
    installation.write(
        "clusters:\n"
            + each.formatted(
                "first",
                cluster.root(),
                cluster.port(),
                cluster.bin(),
                installation.repository(),
                "postgres")
            + each.formatted(
                "second",
                cluster.root(),
                cluster.port(),
                cluster.bin(),
                installation.repository(),
                "shop")
            + installation.common());
    for (String name : List.of("first", "second")) {
      installation.run("init", "--cluster", name);
    }
  }

  private static List<Path> children(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String journal(Installation installation, String name) throws IOException {
    return Files.readString(
        installation.repository().resolve(name).resolve("journal/journal.jsonl"));
  }

  @Test
  void aDaemonRunsEachClusterByItselfEndsCleanlyAndComesBackAfterAKill() throws Exception {
    try (Installation installation = Installation.empty();
        PgSession locker = cluster.session("postgres");
        PgSession observer = cluster.session("postgres")) {
      configureTwo(installation);
      locker.execute("BEGIN");
      locker.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
      BooleanSupplier hanging =
          () ->
              observer.yes(
                  "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')");

      try (Daemon daemon = Daemon.start(installation, "one")) {
        await("the first hangs", daemon, hanging);
        await(
            "the second goes on beside it",
            daemon,
            () -> daemon.said().contains("second: backup "));

        try (Daemon second = Daemon.start(installation, "two")) {
          assertThat(second.waitFor()).isEqualTo(14);
          assertThat(second.said())
              .contains("a daemon runs already")
              .contains("pid " + daemon.process().pid());
        }

        daemon.process().destroy(); // SIGTERM
        long told = System.nanoTime();
        assertThat(daemon.waitFor()).isEqualTo(130);
        assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(30));
        assertThat(daemon.said()).contains("prova ends");
      }
      assertThat(journal(installation, "first")).contains("interrupted");
      assertThat(children(installation.repository().resolve("first/logicos"))).isEmpty();
      assertThat(installation.told("team")).isEmpty();

      Files.delete(installation.state().resolve("schedule/first.json"));
      try (Daemon daemon = Daemon.start(installation, "three")) {
        await("the first hangs again", daemon, hanging);
        daemon.process().destroyForcibly(); // SIGKILL
        daemon.waitFor();
      }
      locker.execute("ROLLBACK");

      try (Daemon daemon = Daemon.start(installation, "four")) {
        await("it says what was cut off", daemon, () -> daemon.said().contains("was cut off"));
        await(
            "the team is told",
            daemon,
            () -> {
              try {
                return installation
                    .told("team")
                    .contains("raised [Prova] first: a logical backup was cut off");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
        assertThat(journal(installation, "first")).contains("cut off");

        Duration before = daemon.process().info().totalCpuDuration().orElseThrow();
        Thread.sleep(5_000);
        Duration used = daemon.process().info().totalCpuDuration().orElseThrow().minus(before);
        // It may be taking the second's next backup; a busy wait would take all of the 5 s.
        assertThat(used).isLessThan(Duration.ofSeconds(4));
        daemon.process().destroy();
        assertThat(daemon.waitFor()).isEqualTo(130);
      }
    }
  }

  @Test
  void aConfigurationWithAMistakeStartsNothingAndChangesNothing() throws Exception {
    try (Installation installation = Installation.empty()) {
      installation.write("logicall: {schedule: daily 02:00}\n" + installation.common());
      List<Path> before = new ArrayList<>(children(installation.root()));
      Installation.Answer answer = installation.run("serve");
      assertThat(answer.exitCode()).isEqualTo(10);
      assertThat(answer.error()).contains("logicall").contains("logical");
      assertThat(children(installation.root())).containsExactlyInAnyOrderElementsOf(before);
    }
  }

  @Test
  void aDryRunShowsWhatWouldRunAndDoesNothing() throws Exception {
    try (Installation installation =
        Installation.of(cluster, "logical: {schedule: daily 02:00}", InstantSource.system())) {
      Installation.Answer answer = installation.run("serve", "--dry-run");
      assertThat(answer.exitCode()).isZero();
      assertThat(answer.out())
          .contains("logical backup every day at 02:00, next ")
          .contains("physical backup ")
          .contains("restore test ");
      assertThat(installation.backups()).isEmpty();
      assertThat(Files.exists(installation.state().resolve("serve.lock"))).isFalse();
    }
  }
}
