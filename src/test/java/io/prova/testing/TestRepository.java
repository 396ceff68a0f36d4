package io.prova.testing;

import io.prova.backup.BackupContext;
import io.prova.base.Event;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.Repository;
import io.prova.drill.DrillContext;
import io.prova.drill.DrillOptions;
import io.prova.postgres.ClientTools;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.connection.PgSession;
import io.prova.restore.RestoreContext;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A repository for one test cluster, and the contexts to work on it.
public final class TestRepository implements AutoCloseable {

  public static final ZoneId ZONE = ZoneId.of("America/Sao_Paulo");

  private final Path parent;
  private final PgCluster cluster;
  private final Repository repository;
  private final List<Event> events = new ArrayList<>();
  private InstantSource clock = InstantSource.system();

  private TestRepository(Path parent, PgCluster cluster, Repository repository) {
    this.parent = parent;
    this.cluster = cluster;
    this.repository = repository;
  }

  public static TestRepository forCluster(PgCluster cluster) throws IOException {
    Path parent = Files.createTempDirectory(Path.of("/tmp"), "prova-test-repo-");
    try (PgSession session = cluster.session("postgres")) {
      Repository repository =
          Repository.create(
              parent.resolve("backupSQL"),
              "main",
              ClusterFacts.systemIdentifier(session),
              ZONE,
              Instant.now());
      return new TestRepository(parent, cluster, repository);
    }
  }

  public Repository repository() {
    return repository;
  }

  public void setClock(InstantSource other) {
    clock = other;
  }

  public List<Event> events() {
    return List.copyOf(events);
  }

  public ClientTools tools() throws IOException {
    return ClientTools.on(List.of(cluster.bin()), "", PgCluster.REDACTOR);
  }

  public BackupContext backupContext() throws IOException {
    return new BackupContext(
        "main",
        "test",
        cluster.connection("postgres"),
        repository,
        tools(),
        PgCluster.REDACTOR,
        clock,
        ZONE,
        "0.0.0-test",
        Optional.empty(),
        events::add);
  }

  public RestoreContext restoreContext() throws IOException {
    return new RestoreContext(
        "test",
        repository,
        BackupKeys.NONE,
        tools(),
        PgCluster.REDACTOR,
        clock,
        Duration.ofMinutes(5),
        events::add);
  }

  public DrillContext drillContext(List<DrillOptions.Assertion> assertions) throws IOException {
    DrillOptions options =
        new DrillOptions(
            Path.of("/var/tmp"), Optional.empty(), Duration.ofMinutes(5), List.of(), assertions);
    return new DrillContext(
        restoreContext(), options, PgCluster.serverUser(), "tester", "test host", "0.0.0-test");
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(parent);
  }
}
