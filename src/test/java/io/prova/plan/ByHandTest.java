package io.prova.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.engine.seal.AgeProgram;
import io.prova.testing.Dumps;
import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import io.prova.testing.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The plan's own procedures, as a person types them, on what Prova stored: without Prova.
class ByHandTest {

  private static final String DATABASE = "projeto_pratico_1";
  private static final String PASSWORD = "uma senha";

  private PgCluster cluster;
  private Shell shell;

  @BeforeEach
  void startCluster() throws Exception {
    cluster = PgCluster.startOnLoopback();
    cluster.sql(
        "postgres",
        "ALTER ROLE postgres PASSWORD '" + PASSWORD + "'",
        "CREATE ROLE vendedor LOGIN",
        "CREATE TABLESPACE arquivo LOCATION '" + cluster.directory("arquivo") + "'",
        "CREATE DATABASE " + DATABASE + " OWNER vendedor",
        "ALTER DATABASE " + DATABASE + " SET work_mem = '6MB'");
    cluster.sql(
        DATABASE,
        "CREATE TABLE vendas (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, quando timestamptz, valor numeric)",
        "INSERT INTO vendas (quando, valor) SELECT timestamptz '2026-01-01 00:00+00' + i * interval '1 minute', i / 7.0 FROM generate_series(1, 20000) i",
        "CREATE TABLE antigas TABLESPACE arquivo AS SELECT i, 'ação ' || i AS nome FROM generate_series(1, 500) i",
        "ALTER TABLE antigas OWNER TO vendedor");
  }

  @AfterEach
  void stopCluster() throws Exception {
    cluster.close();
  }

  private void connectShell(Prova prova) {
    shell =
        new Shell()
            .set("PATH", cluster.bin() + ":/usr/bin:/bin")
            .set("PGPASSWORD", PASSWORD)
            .set("PGPORT", Integer.toString(cluster.port()))
            .set("BACKUPS", prova.repository().toString())
            .set("DATA", cluster.dataDirectory().toString())
            .set("DATABASE", DATABASE)
            .set("OWNER", cluster.owner().name());
  }

  private void lose() {
    cluster.sql("postgres", "DROP DATABASE " + DATABASE);
  }

  /// The digests of the newest backup of a kind, by the tool that every Linux has.
  private void checkDigests(String kind) throws Exception {
    assertThat(
            shell.run(
                "cd \"$(ls -d $BACKUPS/%s/2* | tail -1)\" && sha256sum --quiet -c SHA256SUMS && wc -l < SHA256SUMS"
                    .formatted(kind)))
        .isNotBlank();
  }

  @Test
  void theNewestSqlFileGoesIntoAFreshDatabaseByPsql() throws Exception {
    try (Prova prova = Prova.forCluster(cluster)) {
      prova.succeeds("backup", "--logical");
      cluster.sql(DATABASE, "INSERT INTO vendas (valor) VALUES (1)");
      prova.succeeds("backup", "--logical");
      String before = cluster.dump(DATABASE);
      lose();
      connectShell(prova);
      checkDigests("logicos");
      shell.run(
          """
          newest=$(ls -d $BACKUPS/logicos/2* | tail -1)
          createdb -U postgres -h localhost $DATABASE
          psql -U postgres -h localhost -d $DATABASE -f $newest/$DATABASE.sql
          """);
      Dumps.assertSame(cluster.dump(DATABASE), before);
    }
  }

  @Test
  void theStoredScriptsRebuildADatabaseWithItsSettingsAndRoles() throws Exception {
    try (Prova prova = Prova.forCluster(cluster)) {
      prova.succeeds("backup", "--logical");
      String before = cluster.dump(DATABASE, "--create");
      String globals = cluster.globals();
      lose();
      cluster.sql("postgres", "DROP ROLE vendedor");
      connectShell(prova);
      shell.run(
          """
          cd "$(ls -d $BACKUPS/logicos/2* | tail -1)"
          psql -U postgres -h localhost -d postgres -f globals.sql   # what exists already is an error, and stays
          psql -U postgres -h localhost -d postgres -v ON_ERROR_STOP=1 -v database=$DATABASE -f $DATABASE.create.sql
          psql -U postgres -h localhost -d $DATABASE -v ON_ERROR_STOP=1 -f $DATABASE.sql
          """);
      Dumps.assertSame(cluster.dump(DATABASE, "--create"), before);
      Dumps.assertSame(cluster.globals(), globals);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          plain     ; gzip ; gunzip -c $DATABASE.sql.gz | psql -q -U postgres -h localhost -d $DATABASE -v ON_ERROR_STOP=1
          plain     ; zstd ; zstd -dc $DATABASE.sql.zst | psql -q -U postgres -h localhost -d $DATABASE -v ON_ERROR_STOP=1
          custom    ; none ; pg_restore -U postgres -h localhost -d $DATABASE --exit-on-error $DATABASE.dump
          directory ; gzip ; pg_restore -U postgres -h localhost -d $DATABASE --exit-on-error -j 2 $DATABASE.dir
          """)
  void everyOtherFormatIsReadByItsUsualTool(String format, String compression, String command)
      throws Exception {
    try (Prova prova =
        Prova.forCluster(
            cluster, "logical: { format: %s, compression: %s }".formatted(format, compression))) {
      prova.succeeds("backup", "--logical");
      String before = cluster.dump(DATABASE);
      lose();
      connectShell(prova);
      checkDigests("logicos");
      shell.run(
          "cd \"$(ls -d $BACKUPS/logicos/2* | tail -1)\"\ncreatedb -U postgres -h localhost $DATABASE\n"
              + command);
      Dumps.assertSame(cluster.dump(DATABASE), before);
    }
  }

  @Test
  void stopCopyStartBringsTheNewestPhysicalBackupBack() throws Exception {
    try (Prova prova = Prova.forCluster(cluster, "physical: { method: pg_basebackup }")) {
      prova.succeeds("backup", "--physical");
      cluster.sql(DATABASE, "INSERT INTO vendas (valor) VALUES (1)");
      prova.succeeds("backup", "--physical");
      String before = cluster.dump(DATABASE, "--create");
      String globals = cluster.globals();
      cluster.sql(DATABASE, "DROP TABLE vendas");
      cluster.stopServer();
      connectShell(prova);
      checkDigests("fisicos");
      shell
          .set("TABLESPACE", cluster.root().resolve("arquivo").toString())
          .run(
              """
              newest=$(ls -d $BACKUPS/fisicos/2* | tail -1)
              mv $DATA $DATA.old
              mv $TABLESPACE $TABLESPACE.old
              cp -a $newest/data $DATA
              oid=$(ls $newest/tablespaces)
              grep -q "\\"location\\" *: *\\"$TABLESPACE\\"" $newest/backup.json
              cp -a $newest/tablespaces/$oid $TABLESPACE
              ln -sfn $TABLESPACE $DATA/pg_tblspc/$oid
              chown -R $OWNER: $DATA $TABLESPACE
              """);
      cluster.startServer();
      Dumps.assertSame(cluster.dump(DATABASE, "--create"), before);
      Dumps.assertSame(cluster.globals(), globals);
      assertThat(Files.readString(cluster.root().resolve("log")))
          .doesNotContain("PANIC:", "FATAL:", "ERROR:");
    }
  }

  @Test
  void aCopyOfTheWholeBackupStartsWhereverItLies() throws Exception {
    try (Prova prova = Prova.forCluster(cluster, "physical: { method: pg_basebackup }")) {
      prova.succeeds("backup", "--physical");
      String before = cluster.dump(DATABASE, "--create");
      connectShell(prova);
      try (PgCluster copy = PgCluster.unfilled()) {
        shell
            .set("COPY", copy.root().toString())
            .run(
                "cp -a \"$(ls -d $BACKUPS/fisicos/2* | tail -1)\"/* $COPY && chown -R $OWNER: $COPY");
        copy.startRestored();
        Dumps.assertSame(copy.dump(DATABASE, "--create"), before);
        Path link;
        try (var links = Files.list(copy.dataDirectory().resolve("pg_tblspc"))) {
          link = links.findFirst().orElseThrow();
        }
        assertThat(link.toRealPath()).startsWith(copy.root().toRealPath());
      }
    }
  }

  @Test
  void aBackupInPacksIsRestoredByTheScriptThatLiesInIt() throws Exception {
    try (Prova prova = Prova.forCluster(cluster, "physical: { method: local }")) {
      prova.succeeds("backup", "--physical");
      String before = cluster.dump(DATABASE, "--create");
      String globals = cluster.globals();
      cluster.sql(DATABASE, "DROP TABLE vendas");
      connectShell(prova);
      checkDigests("fisicos");
      try (PgCluster copy = PgCluster.unfilled()) {
        shell
            .set("COPY", copy.root().toString())
            .run(
                """
                cd "$(ls -d $BACKUPS/fisicos/2* | tail -1)"
                oid=$(python3 -c 'import json; print(json.load(open("backup.json"))["physical"]["tablespaces"][0]["oid"])')
                python3 restore.py . $COPY/data --tablespace $oid=$COPY/arquivo
                chown -R $OWNER: $COPY/data $COPY/arquivo
                """);
        copy.startRestored();
        Dumps.assertSame(copy.dump(DATABASE, "--create"), before);
        Dumps.assertSame(
            copy.globals(), globals.replace(cluster.root().toString(), copy.root().toString()));
        assertThat(Files.readString(copy.root().resolve("log")))
            .doesNotContain("PANIC:", "FATAL:", "ERROR:");
      }
    }
  }

  @Test
  void packsAreOrdinaryCompressedTars() throws Exception {
    try (Prova prova = Prova.forCluster(cluster, "physical: { method: local }")) {
      prova.succeeds("backup", "--physical");
      String before = cluster.dump(DATABASE, "--create");
      connectShell(prova);
      try (PgCluster copy = PgCluster.unfilled()) {
        shell
            .set("COPY", copy.root().toString())
            .run(
                """
                mkdir -m 700 $COPY/data
                for pack in $(ls -d $BACKUPS/fisicos/2* | tail -1)/*.tar.zst; do zstd -dc $pack | tar x -C $COPY/data; done
                rm -f $COPY/data/tablespace_map
                oid=$(ls $COPY/data/pg_tblspc)
                mv $COPY/data/pg_tblspc/$oid $COPY/arquivo && ln -s $COPY/arquivo $COPY/data/pg_tblspc/$oid
                chown -R $OWNER: $COPY/data $COPY/arquivo
                """);
        copy.startRestored();
        Dumps.assertSame(copy.dump(DATABASE, "--create"), before);
      }
    }
  }

  /// With a key of age's own making, which Prova never saw.
  @Test
  void anEncryptedBackupIsRestoredByAge() throws Exception {
    AgeProgram.assumeInstalled();
    Path key = cluster.root().resolve("cofre.key");
    Process keygen = new ProcessBuilder("age-keygen", "-o", key.toString()).start();
    assertThat(keygen.waitFor()).isZero();
    String recipient = Files.readAllLines(key).get(1).replace("# public key: ", "");
    try (Prova prova =
        Prova.forCluster(
            cluster,
            "physical: { method: local, encryption: { recipients: [%s] } }".formatted(recipient))) {
      prova.succeeds("backup", "--physical");
      String before = cluster.dump(DATABASE, "--create");
      connectShell(prova);
      shell.set("KEY", key.toString());
      checkDigests("fisicos");
      try (PgCluster copy = PgCluster.unfilled()) {
        shell
            .set("COPY", copy.root().toString())
            .run(
                """
                cd "$(ls -d $BACKUPS/fisicos/2* | tail -1)"
                oid=$(python3 -c 'import json; print(json.load(open("backup.json"))["physical"]["tablespaces"][0]["oid"])')
                ! python3 restore.py . $COPY/data --tablespace $oid=$COPY/arquivo 2>$COPY/said
                grep -q "add --identity KEYFILE with the secret key of one of age1" $COPY/said
                python3 restore.py . $COPY/data --tablespace $oid=$COPY/arquivo --identity $KEY
                chown -R $OWNER: $COPY/data $COPY/arquivo
                """);
        copy.startRestored();
        Dumps.assertSame(copy.dump(DATABASE, "--create"), before);
      }
      try (PgCluster copy = PgCluster.unfilled()) {
        shell
            .set("COPY", copy.root().toString())
            .run(
                """
                mkdir -m 700 $COPY/data
                for pack in $(ls -d $BACKUPS/fisicos/2* | tail -1)/*.tar.zst.age
                do age -d -i $KEY $pack | zstd -dc | tar x -C $COPY/data; done
                rm -f $COPY/data/tablespace_map
                oid=$(ls $COPY/data/pg_tblspc)
                mv $COPY/data/pg_tblspc/$oid $COPY/arquivo && ln -s $COPY/arquivo $COPY/data/pg_tblspc/$oid
                chown -R $OWNER: $COPY/data $COPY/arquivo
                """);
        copy.startRestored();
        Dumps.assertSame(copy.dump(DATABASE, "--create"), before);
      }
    }
  }

  @Test
  void theScriptRefusesADamagedBackupAndWritesNothing() throws Exception {
    try (Prova prova = Prova.forCluster(cluster, "physical: { method: local }")) {
      prova.succeeds("backup", "--physical");
      connectShell(prova);
      try (PgCluster copy = PgCluster.unfilled()) {
        String said =
            shell
                .set("COPY", copy.root().toString())
                .run(
                    """
                    cd "$(ls -d $BACKUPS/fisicos/2* | tail -1)"
                    printf x | dd of=000001.tar.zst bs=1 seek=5000 conv=notrunc status=none
                    oid=$(python3 -c 'import json; print(json.load(open("backup.json"))["physical"]["tablespaces"][0]["oid"])')
                    ! python3 restore.py . $COPY/data --tablespace $oid=$COPY/arquivo 2>&1
                    """);
        assertThat(said).contains("000001.tar.zst is damaged");
        assertThat(copy.dataDirectory()).doesNotExist();
      }
    }
  }
}
