package io.prova.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.postgres.connection.PgSession;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaCli;
import io.prova.testing.ProvaCli.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A cluster whose own files are damaged gives no good backup, and the older good ones stay.
class CorruptSourceTest {

  private static final int BACKUP_FAILED = 20;
  private static final int SUSPICIOUS = 21;
  private static final int PAGE_BYTES = 8192;

  private static PgCluster cluster(String... initdbOptions) throws Exception {
    PgCluster cluster =
        PgCluster.start(PgCluster.installedBin(), List.of(initdbOptions), "autovacuum = off");
    cluster.sql("postgres", "CREATE DATABASE shop");
    cluster.sql(
        "shop",
        "CREATE TABLE orders AS SELECT i AS id, 'order ' || i AS what FROM generate_series(1, 5000) i",
        "CREATE TABLE customers AS SELECT i AS id FROM generate_series(1, 10) i");
    return cluster;
  }

  /// As a failing disk does it: behind the server's back.
  private static Path corruptPage(PgCluster cluster, int offset, byte[] garbage) throws Exception {
    String relative;
    try (PgSession session = cluster.session("shop")) {
      relative = session.one("SELECT pg_relation_filepath('orders')", row -> row.getString(1));
    }
    cluster.stopServer();
    Path file = cluster.dataDirectory().resolve(relative);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(garbage), PAGE_BYTES + offset);
    }
    cluster.startServer();
    return file;
  }

  private static List<Path> backups(ProvaCli cli, String parent) throws IOException {
    try (Stream<Path> backups = Files.list(cli.repository().resolve(parent))) {
      return backups.toList();
    }
  }

  @Test
  void aPageWithAWrongChecksumFailsPgBasebackupAndTheOlderBackupStays() throws Exception {
    try (PgCluster cluster = cluster("--data-checksums", "--wal-segsize=1");
        ProvaCli cli =
            ProvaCli.forCluster(
                cluster, "retention: {keep_days: 1}\nphysical: {method: pg_basebackup}")) {
      cli.must("backup", "--physical");
      List<Path> before = backups(cli, "fisicos");
      Path file = corruptPage(cluster, 5000, new byte[] {1, 2, 3, 4});
      cli.setClock(() -> Instant.now().plus(Duration.ofDays(60)));

      Answer backup = cli.run("backup", "--physical");

      assertThat(backup.exitCode()).as("%s", backup).isEqualTo(BACKUP_FAILED);
      assertThat(backup.said()).contains("checksum");
      assertThat(Files.readString(cli.state().resolve("logs").resolve(log(cli))))
          .contains(file.getFileName().toString());
      cli.run("expire");
      assertThat(backups(cli, "fisicos")).isEqualTo(before);
    }
  }

  /// The rest of it may be all that is left of the data, so it is kept, and not trusted.
  @Test
  void aPageWithAWrongChecksumMakesABackupInPacksSuspiciousAndTheOlderOneStays() throws Exception {
    try (PgCluster cluster = cluster("--data-checksums", "--wal-segsize=1");
        ProvaCli cli = ProvaCli.forCluster(cluster, "retention: {keep_days: 1}")) {
      cli.must("backup", "--physical");
      List<Path> before = backups(cli, "fisicos");
      Path file = corruptPage(cluster, 5000, new byte[] {1, 2, 3, 4});
      cli.setClock(() -> Instant.now().plus(Duration.ofDays(60)));

      Answer backup = cli.run("backup", "--physical");

      assertThat(backup.exitCode()).as("%s", backup).isEqualTo(SUSPICIOUS);
      assertThat(backup.said())
          .contains("1 page of the server has a wrong checksum")
          .contains(file.getFileName() + " [1]");
      cli.run("expire");
      assertThat(backups(cli, "fisicos")).containsAll(before).hasSize(2);
    }
  }

  private static String log(ProvaCli cli) throws IOException {
    try (Stream<Path> logs = Files.list(cli.state().resolve("logs"))) {
      return logs.map(file -> file.getFileName().toString()).sorted().toList().getLast();
    }
  }

  /// Without checksums pg_basebackup does not notice; whoever reads the table does.
  @Test
  @Tag("slow")
  void withoutChecksumsABrokenPageIsToldAndNeverProven() throws Exception {
    try (PgCluster cluster = cluster("--wal-segsize=1");
        ProvaCli cli = ProvaCli.forCluster(cluster, "retention: {keep_days: 1}")) {
      cli.must("backup", "--physical");
      List<Path> before = backups(cli, "fisicos");
      corruptPage(cluster, 0, new byte[64]); // its header

      Answer physical = cli.run("backup", "--physical");
      assertThat(physical.said()).contains("orders");
      Answer drill = cli.run("drill");
      assertThat(drill.exitCode()).as("%s", drill).isNotZero();
      assertThat(drill.said()).contains("orders");

      Answer logical = cli.run("backup", "--logical");
      assertThat(logical.exitCode()).as("%s", logical).isEqualTo(BACKUP_FAILED);
      assertThat(logical.said()).contains("orders");
      cli.setClock(() -> Instant.now().plus(Duration.ofDays(60)));
      cli.run("expire");
      assertThat(backups(cli, "fisicos")).containsAll(before);
    }
  }
}
