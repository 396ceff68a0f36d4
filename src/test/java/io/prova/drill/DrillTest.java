package io.prova.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.BackupContext;
import io.prova.backup.logical.LogicalBackupRun;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.logical.LogicalPlanner;
import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.catalog.Backup;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.testing.PgCluster;
import io.prova.testing.TestRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DrillTest {

  private static PgCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql(
        "postgres",
        "CREATE ROLE clerk LOGIN PASSWORD 'x'",
        "CREATE DATABASE shop",
        "CREATE TABLESPACE outside LOCATION '" + cluster.directory("ts") + "'");
    cluster.sql(
        "shop",
        "CREATE TABLE orders TABLESPACE outside AS SELECT i AS id, 'order ' || i AS what FROM generate_series(1, 1000) i",
        "ALTER TABLE orders OWNER TO clerk",
        "CREATE INDEX ON orders (id)");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  private static void print(Evidence evidence) {
    System.out.println(
        evidence.verdict() + " " + evidence.reasons() + " rto " + evidence.restoreTime());
    evidence.phases().forEach(p -> System.out.println(p.name() + " " + p.took()));
    evidence
        .checks()
        .forEach(c ->
            System.out.println(
                c.outcome() + " " + c.name() + ": " + c.summary() + " " + c.details()));
  }

  @Test
  void aPhysicalBackupIsProven() throws Exception {
    try (TestRepository repository = TestRepository.forCluster(cluster)) {
      BackupContext context = repository.backupContext();
      Backup backup =
          PhysicalBackupRun.run(
              context,
              PhysicalPlanner.plan(
                  context, PhysicalOptions.DEFAULTS, Optional.of(FingerprintBudget.UNLIMITED)));
      Set<Path> others = scratchPlaces();
      Evidence evidence = DrillRun.run(repository.drillContext(List.of()), backup);
      print(evidence);
      assertThat(evidence.verdict()).isEqualTo(Verdict.PROVEN);
      EvidenceFiles.store(repository.repository(), evidence, TestRepository.ZONE);
      assertThat(repository.repository().catalog().list().entries().getFirst().proof().isProven())
          .isTrue();
      assertThat(others).as("those of others").containsAll(scratchPlaces());
    }
  }

  private static Set<Path> scratchPlaces() throws IOException {
    try (Stream<Path> children = Files.list(Path.of("/var/tmp"))) {
      return children
          .filter(each -> each.toString().contains("prova-scratch"))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void aLogicalBackupIsProven() throws Exception {
    try (TestRepository repository = TestRepository.forCluster(cluster)) {
      BackupContext context = repository.backupContext();
      Backup backup =
          LogicalBackupRun.run(
              context,
              LogicalPlanner.plan(
                  context, LogicalOptions.DEFAULTS, Optional.of(FingerprintBudget.UNLIMITED)));
      Evidence evidence =
          DrillRun.run(
              repository.drillContext(
                  List.of(
                      new DrillOptions.Assertion(
                          "orders are there", "shop", "SELECT count(*) = 1000 FROM orders"))),
              backup);
      print(evidence);
      assertThat(evidence.verdict()).isEqualTo(Verdict.PROVEN);
    }
  }
}
