package io.prova.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Damage;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.postgres.fingerprint.StoredFingerprint;
import io.prova.testing.PgCluster;
import io.prova.testing.TestRepository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PhysicalBackupTest {

  private static PgCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql(
        "postgres",
        "CREATE DATABASE shop",
        "CREATE TABLESPACE outside LOCATION '" + cluster.directory("ts") + "'");
    cluster.sql(
        "shop",
        "CREATE TABLE orders TABLESPACE outside AS SELECT i AS id, 'order ' || i AS what FROM generate_series(1, 1000) i",
        "CREATE UNLOGGED TABLE scratch AS SELECT 1 AS x");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @Test
  void aBackupIsAPlainDirectoryWithItsTablespacesThatPostgresItselfFindsWhole() throws Exception {
    try (TestRepository repository = TestRepository.forCluster(cluster)) {
      BackupContext context = repository.backupContext();
      Backup backup =
          PhysicalBackupRun.run(
              context,
              PhysicalPlanner.plan(
                  context, PhysicalOptions.DEFAULTS, Optional.of(FingerprintBudget.UNLIMITED)));
      Path directory = repository.repository().directory(backup);
      List<Damage> damage = new ArrayList<>();
      BackupFiles.verify(directory, backup.checksums(), bytes -> {}, damage::add);
      assertThat(damage).isEmpty();
      Fingerprint fingerprint =
          CheckedJson.read(directory.resolve("shop.fingerprint.json"), StoredFingerprint.class)
              .fingerprint();
      assertThat(
              fingerprint.tables().stream()
                  .collect(Collectors.toMap(t -> t.name().name(), t -> t.quiet().get())))
          .containsEntry("orders", true);
    }
  }
}
