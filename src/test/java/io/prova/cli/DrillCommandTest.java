package io.prova.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.Main;
import io.prova.app.Surroundings;
import io.prova.base.Failure;
import io.prova.catalog.Repository;
import io.prova.postgres.SystemIdentifier;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrillCommandTest {

  @TempDir private Path directory;

  @Test
  void aDrillWithoutAnythingToTestIsNoSuccess() throws Exception {
    Path root = directory.resolve("backupSQL");
    Repository.create(root, "main", new SystemIdentifier(1), ZoneOffset.UTC, Instant.EPOCH);
    Path config =
        Files.writeString(
            directory.resolve("prova.yaml"),
            "repository: %s\nstate_directory: %s\n".formatted(root, directory.resolve("state")));
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    int code =
        Main.run(
            new String[] {"drill", "--config", config.toString()},
            Surroundings.ofProcess(),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(error, true, StandardCharsets.UTF_8));
    assertThat(code).isEqualTo(Failure.NOT_FOUND.exitCode());
    assertThat(error.toString(StandardCharsets.UTF_8)).contains("there is no backup to test");
  }
}
