package io.prova.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.catalog.BackupKind;
import io.prova.storage.DurableFiles;
import io.prova.testing.Dumps;
import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The whole way of a physical backup that Prova reads itself, by commands.
class LocalMethodTest {

  private static final String LOCAL = "physical: { method: local }";
  private static final String DATABASE = "projeto_pratico_1";

  private PgCluster cluster;

  @BeforeEach
  void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql(
        "postgres",
        "CREATE TABLESPACE arquivo LOCATION '" + cluster.directory("arquivo") + "'",
        "CREATE DATABASE " + DATABASE);
    cluster.sql(
        DATABASE,
        "CREATE TABLE vendas AS SELECT i AS id, md5(i::text) AS nota FROM generate_series(1, 30000) i",
        "CREATE TABLE antigas TABLESPACE arquivo AS SELECT i FROM generate_series(1, 500) i");
  }

  @AfterEach
  void stopCluster() throws Exception {
    cluster.close();
  }

  @Test
  void itIsMadeProvenAndBringsADestroyedClusterBack() throws Exception {
    try (Prova prova = Prova.forCluster(cluster, LOCAL)) {
      assertThat(prova.succeeds("backup", "--physical", "--dry-run").toString())
          .contains("packs of about");
      prova.succeeds("backup", "--physical");
      String before = cluster.dump(DATABASE, "--create");
      assertThat(prova.stored(BackupKind.PHYSICAL).resolve("data")).doesNotExist();
      prova.succeeds("verify", "--deep");
      assertThat(prova.succeeds("drill").toString()).contains("proven");
      assertThat(
              prova
                  .succeeds("show", "--tables", prova.newest(BackupKind.PHYSICAL).label().text())
                  .toString())
          .contains("vendas", "30,000");

      cluster.stopServer();
      DurableFiles.deleteTree(cluster.dataDirectory().resolve("base"));
      prova.succeeds("recover", "--yes");
      Dumps.assertSame(cluster.dump(DATABASE, "--create"), before);
    }
  }

  @Test
  void aDamagedPackIsNamedAndRefused() throws Exception {
    try (Prova prova = Prova.forCluster(cluster, LOCAL)) {
      prova.succeeds("backup", "--physical");
      Path pack = prova.stored(BackupKind.PHYSICAL).resolve("000001.tar.zst");
      try (RandomAccessFile file = new RandomAccessFile(pack.toFile(), "rw")) {
        file.seek(file.length() / 2);
        int was = file.read();
        file.seek(file.length() / 2);
        file.write(was ^ 1);
      }
      Prova.Said verified = prova.run("verify");
      assertThat(verified.exitCode()).isEqualTo(30);
      assertThat(verified.toString()).contains("000001.tar.zst");
      Path target = cluster.root().resolve("copy");
      Prova.Said restored =
          prova.run(
              "restore",
              "--to",
              target.toString(),
              "--tablespace-mapping",
              cluster.root().resolve("arquivo") + "=" + cluster.root().resolve("copied"),
              prova.newest(BackupKind.PHYSICAL).label().text());
      assertThat(restored.exitCode()).as("%s", restored).isEqualTo(30);
      assertThat(target).doesNotExist();
    }
  }

  @Test
  void aRoleThatMayNotBeginABackupIsToldWhatItLacks() throws Exception {
    cluster.sql(
        "postgres",
        "CREATE ROLE guarda LOGIN REPLICATION",
        "GRANT pg_read_all_data, pg_read_all_settings, pg_monitor TO guarda");
    try (Prova prova = Prova.forCluster(cluster, LOCAL)) {
      String yaml = Files.readString(prova.config()).replace("user: postgres", "user: guarda");
      Files.writeString(prova.config(), yaml);
      Prova.Said said = prova.run("backup", "--physical");
      assertThat(said.exitCode()).isEqualTo(18);
      assertThat(said.error())
          .contains("may not begin and end a backup", "GRANT EXECUTE ON FUNCTION");
      for (String function :
          new String[] {"pg_backup_start(text, boolean)", "pg_backup_stop(boolean)"}) {
        cluster.sql("postgres", "GRANT EXECUTE ON FUNCTION pg_catalog." + function + " TO guarda");
      }
      prova.succeeds("backup", "--physical");
    }
  }

  @Test
  void itsRateIsLimitedAndSoIsItsTime() throws Exception {
    try (Prova prova =
        Prova.forCluster(
            cluster, "physical: { method: local, max_rate: 32 kB, time_limit: 2 s }")) {
      Prova.Said said = prova.run("backup", "--physical");
      assertThat(said.exitCode()).isEqualTo(20);
      assertThat(said.error()).contains("its time limit");
      try (var left = Files.list(prova.repository().resolve("fisicos"))) {
        assertThat(left).isEmpty();
      }
      // The server is not left in a backup, and its slot is gone.
      try (var session = cluster.session("postgres")) {
        assertThat(session.requiredText("SELECT count(*)::text FROM pg_replication_slots"))
            .isEqualTo("0");
      }
    }
  }
}
