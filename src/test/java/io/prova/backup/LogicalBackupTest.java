package io.prova.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.logical.LogicalBackupRun;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.logical.LogicalPlanner;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.Damage;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.testing.PgCluster;
import io.prova.testing.TestRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogicalBackupTest {

  private static PgCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = PgCluster.start();
    cluster.sql("postgres", "CREATE DATABASE shop");
    cluster.sql(
        "shop",
        "CREATE TABLE orders AS SELECT i AS id, 'order ' || i AS what FROM generate_series(1, 1000) i");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @Test
  void aBackupHoldsEveryDatabaseItsFingerprintAndADigestOfEveryByte() throws Exception {
    try (TestRepository repository = TestRepository.forCluster(cluster)) {
      BackupContext context = repository.backupContext();
      Backup backup =
          LogicalBackupRun.run(
              context,
              LogicalPlanner.plan(
                  context, LogicalOptions.DEFAULTS, Optional.of(FingerprintBudget.UNLIMITED)));
      assertThat(backup.logical().get().databases())
          .extracting(Backup.DumpedDatabase::name)
          .containsExactly("postgres", "shop");
      assertThat(backup.database("shop").get().rows()).contains(1000L);
      Path directory = repository.repository().directory(backup);
      assertThat(Files.readString(directory.resolve("shop.sql"))).contains("COPY public.orders");
      List<Damage> damage = new ArrayList<>();
      BackupFiles.verify(directory, backup.checksums(), bytes -> {}, damage::add);
      assertThat(damage).isEmpty();
      assertThat(repository.repository().catalog().list().entries()).hasSize(1);
      assertThat(repository.repository().catalog().list().doubts()).isEmpty();
    }
  }
}
