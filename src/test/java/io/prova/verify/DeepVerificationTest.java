package io.prova.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.backup.BackupContext;
import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupContent;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.Damage;
import io.prova.catalog.PhysicalMethod;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.pack.Frame;
import io.prova.engine.pack.PackReader;
import io.prova.storage.fs.LocalObjectStore;
import io.prova.testing.PgCluster;
import io.prova.testing.Seeded;
import io.prova.testing.TestRepository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Looks without the digests of stored bytes: what is found here would be found even in a backup
/// whose digests were made anew over the damage.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeepVerificationTest {

  private static final PhysicalOptions LOCAL =
      new PhysicalOptions(
          PhysicalMethod.LOCAL, true, Optional.empty(), Duration.ofMinutes(10), 1, List.of());

  private static final String PACK = "000001.tar.zst";

  private PgCluster cluster;
  private TestRepository repository;
  private Backup backup;
  private Path directory;
  private byte[] whole;
  private Digest unpacked;

  @BeforeAll
  void aBackup() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    repository = TestRepository.forCluster(cluster);
    cluster.sql(
        "postgres", "CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 50000) i");
    BackupContext context = repository.backupContext();
    backup = PhysicalBackupRun.run(context, PhysicalPlanner.plan(context, LOCAL, Optional.empty()));
    directory = repository.repository().directory(backup);
    whole = Files.readAllBytes(directory.resolve(PACK));
    unpacked = unpacked();
  }

  @AfterAll
  void close() throws Exception {
    repository.close();
    cluster.close();
  }

  @Test
  void aBackupIsPutTogether() throws Exception {
    assertThat(DeepVerification.run(content(), backup, bytes -> {})).isEmpty();
  }

  @Test
  void oneFlippedBitAnywhereInAPackKeepsItFromBeingPutTogether() throws Exception {
    Random random = Seeded.random(DeepVerificationTest.class);
    for (int round = 0; round < Integer.getInteger("flips", 30); round++) {
      flip(random.nextInt(whole.length), random.nextInt(8));
    }
  }

  /// There are only tar headers and padding in it, which no file needs, but `tar` does.
  @Test
  void theFrameBehindTheLastFileIsDecodedToo() throws Exception {
    Frame last = frames().getLast();
    for (long at = last.at(); at < last.end(); at++) {
      flip((int) at, 1);
    }
  }

  @Test
  void aPageThatIsNewerThanTheBackupsWalIsFound() throws Exception {
    String json = Files.readString(directory.resolve("backup.json"));
    Backup shorter =
        Json.PRETTY.readValue(
            json.replaceFirst("\"stop_lsn\" : \"[^\"]*\"", "\"stop_lsn\" : \"0/1\""), Backup.class);
    assertThat(DeepVerification.run(content(), shorter, bytes -> {}).getFirst().detail().toString())
        .contains("and the backup's WAL ends at 0/1");
  }

  /// The last files wait for a worker when the list of files ends, and the backup must not end
  /// before they are read.
  @Test
  void whatIsReadLastIsReadBeforeTheBackupEnds() throws Exception {
    cluster.sql(
        "postgres",
        "CREATE TABLESPACE last LOCATION '" + cluster.directory("last") + "'",
        "CREATE TABLE busy TABLESPACE last AS SELECT i, repeat('x', 900) AS filler FROM generate_series(1, 12000) i");
    PhysicalOptions slow =
        new PhysicalOptions(
            PhysicalMethod.LOCAL,
            true,
            Optional.of(ByteCount.parse("12MB")),
            Duration.ofMinutes(10),
            1,
            List.of());
    AtomicBoolean ended = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              while (!ended.get()) {
                cluster.sql(
                    "postgres",
                    "UPDATE busy SET filler = repeat('y', 900) WHERE i % 7 = 0",
                    "CHECKPOINT");
              }
            });
    try {
      BackupContext context = repository.backupContext();
      Backup busy =
          PhysicalBackupRun.run(context, PhysicalPlanner.plan(context, slow, Optional.empty()));
      assertThat(
              DeepVerification.run(
                  BackupContent.open(
                      repository.repository().directory(busy), busy, BackupKeys.NONE),
                  busy,
                  bytes -> {}))
          .isEmpty();
    } finally {
      ended.set(true);
      writer.join();
    }
  }

  /// A few bits mean nothing to zstd. Where one of them is flipped, zstd's own program has to bring
  /// out the same bytes as before.
  private void flip(int at, int bit) throws Exception {
    byte[] damaged = whole.clone();
    damaged[at] ^= (byte) (1 << bit);
    Files.write(directory.resolve(PACK), damaged);
    try {
      List<Damage> found = DeepVerification.run(content(), backup, bytes -> {});
      if (found.isEmpty()) {
        assertThat(unpacked()).as("byte %d, bit %d", at, bit).isEqualTo(unpacked);
      } else {
        assertThat(found).extracting(Damage::path).as("byte %d, bit %d", at, bit).contains(PACK);
      }
    } finally {
      Files.write(directory.resolve(PACK), whole);
    }
  }

  private BackupContent content() throws IOException {
    return BackupContent.open(directory, backup, BackupKeys.NONE);
  }

  /// What `zstd -dc` makes of the pack.
  private Digest unpacked() throws IOException, InterruptedException {
    Process zstd =
        new ProcessBuilder("zstd", "-dcq", directory.resolve(PACK).toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Digest digest = Digest.of(zstd.getInputStream().readAllBytes());
    assertThat(zstd.waitFor()).isZero();
    return digest;
  }

  private List<Frame> frames() throws IOException {
    String name = backup.physical().orElseThrow().packed().orElseThrow().manifest();
    try (InputStream stored = Files.newInputStream(directory.resolve(name));
        ManifestReader manifest = new ManifestReader(name, stored)) {
      for (Optional<ManifestLine> line = manifest.next();
          line.isPresent();
          line = manifest.next()) {
        if (line.get() instanceof ManifestLine.Pack pack && pack.pack().name().equals(PACK)) {
          return new PackReader(new LocalObjectStore(directory), "").frames(pack.pack());
        }
      }
    }
    throw new AssertionError("no such pack: " + PACK);
  }
}
