package io.prova.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.catalog.BackupKind;
import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Makes the archive that [GoldenRepositoryTest] reads, with the program as it is now. Run by hand,
/// once for each version of the format: `-Dgolden=FILE` says where to.
///
/// One database, no templates and WAL segments of 1 MiB keep it small.
class GoldenRepositoryMaker {

  private static final String PHYSICAL = "physical: { method: %s, compression_level: 9 }";

  @Test
  @EnabledIfSystemProperty(named = "golden", matches = ".+")
  void makeIt() throws Exception {
    Path archive = Path.of(System.getProperty("golden")).toAbsolutePath();
    try (PgCluster cluster =
        PgCluster.start(
            PgCluster.installedBin(),
            List.of("--wal-segsize=1"),
            "wal_level = replica",
            "autovacuum = off",
            "min_wal_size = 2MB")) {
      cluster.sql(
          "postgres",
          "CREATE TABLE pedidos AS SELECT i AS id, 'pedido n.º ' || i AS o_que FROM generate_series(1, 1000) i",
          "ALTER TABLE pedidos ADD PRIMARY KEY (id)",
          "CREATE TABLE vazia (x int)",
          "CREATE ROLE ana",
          "GRANT SELECT ON pedidos TO ana",
          "UPDATE pg_database SET datistemplate = false",
          "DROP DATABASE template0",
          "DROP DATABASE template1",
          "CHECKPOINT");
      try (Prova prova = Prova.forCluster(cluster)) {
        prova.configure(cluster, PHYSICAL.formatted("pg_basebackup"));
        prova.succeeds("backup", "--logical");
        prova.succeeds("drill", prova.newest(BackupKind.LOGICAL).label().text());
        prova.succeeds(
            "pin", prova.newest(BackupKind.LOGICAL).label().text(), "--why", "the oldest");
        prova.succeeds("backup", "--physical");
        prova.configure(cluster, PHYSICAL.formatted("local"));
        prova.succeeds("backup", "--physical");
        prova.succeeds("verify", "--deep", prova.newest(BackupKind.PHYSICAL).label().text());
        Process process =
            new ProcessBuilder(
                    "sh",
                    "-c",
                    "tar c --sort=name --owner=0 --group=0 -C \"$0\" backupSQL"
                        + " | zstd -q --ultra -22 --long=27 -f -o \"$1\"",
                    prova.directory().toString(),
                    archive.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(process.getInputStream().readAllBytes()).asString().isEmpty();
        assertThat(process.waitFor()).isZero();
      }
    }
    assertThat(Files.size(archive)).isLessThan(4L << 20);
  }
}
