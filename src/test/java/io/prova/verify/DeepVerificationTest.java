package io.prova.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.BackupContext;
import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.catalog.Backup;
import io.prova.catalog.Damage;
import io.prova.testing.PgCluster;
import io.prova.testing.Seeded;
import io.prova.testing.TestRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeepVerificationTest {

  private static final PhysicalOptions LOCAL =
      new PhysicalOptions(
          PhysicalOptions.Method.LOCAL, true, Optional.empty(), Duration.ofMinutes(10), 1);

  /// Without digests of stored bytes: what is found here would be found even in a backup whose
  /// digests were made anew over the damage.
  @Test
  void aBackupIsPutTogetherAndOneFlippedBitAnywhereInAPackKeepsItFromThat() throws Exception {
    try (PgCluster cluster = PgCluster.start("wal_level = replica");
        TestRepository repository = TestRepository.forCluster(cluster)) {
      cluster.sql(
          "postgres", "CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 50000) i");
      BackupContext context = repository.backupContext();
      Backup backup =
          PhysicalBackupRun.run(context, PhysicalPlanner.plan(context, LOCAL, Optional.empty()));
      Path directory = repository.repository().directory(backup);
      assertThat(DeepVerification.run(directory, backup, bytes -> {})).isEmpty();

      Path pack = directory.resolve("000001.tar.zst");
      byte[] whole = Files.readAllBytes(pack);
      Random random = Seeded.random(DeepVerificationTest.class);
      for (int round = 0; round < 30; round++) {
        byte[] damaged = whole.clone();
        int at = random.nextInt(whole.length);
        damaged[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(pack, damaged);
        assertThat(DeepVerification.run(directory, backup, bytes -> {}))
            .as("byte %d", at)
            .extracting(Damage::path)
            .contains("000001.tar.zst");
      }
      Files.write(pack, whole);
      assertThat(DeepVerification.run(directory, backup, bytes -> {})).isEmpty();
    }
  }
}
