package io.prova.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Failure;
import io.prova.catalog.BackupKind;
import io.prova.postgres.OsUser;
import io.prova.testing.DebianCluster;
import io.prova.testing.Dumps;
import io.prova.testing.Prova;
import io.prova.testing.ProvaProcess;
import io.prova.testing.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The whole plan on a cluster made by Debian's tools, by what a newcomer would type.
class DebianClusterTest {

  private static final String PASSWORD = "a senha do postgres";
  private static final Pattern AS_ROOT = Pattern.compile("As root: (.*)");

  private DebianCluster cluster;
  private String dump;
  private String configuration;

  @BeforeEach
  void createCluster() throws Exception {
    cluster = DebianCluster.create();
    remember();
  }

  private void remember() throws Exception {
    dump = cluster.dump();
    configuration = cluster.configuration();
  }

  @AfterEach
  void dropCluster() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  private void assertIsBack() throws Exception {
    assertThat(cluster.status()).isEqualTo("online");
    Dumps.assertSame(cluster.dump(), dump);
    assertThat(cluster.configuration()).isEqualTo(configuration);
    assertThat(cluster.wrongOwners()).isEmpty();
    assertThat(cluster.psql("postgres", "SHOW work_mem").strip()).isEqualTo("9MB");
  }

  private static void doAsRoot(Prova.Said said) throws Exception {
    Matcher advice = AS_ROOT.matcher(said.error());
    assertThat(advice.find()).as(said.toString()).isTrue();
    new Shell().run(advice.group(1));
  }

  @Test
  void theUserPostgresCarriesOutTheWholePlanThroughTheSocket() throws Exception {
    OsUser postgres = OsUser.find("postgres").orElseThrow();
    try (ProvaProcess prova = ProvaProcess.of(postgres)) {
      prova.set("PGPORT", Integer.toString(cluster.port()));
      String repository = "/srv/prova-test-" + cluster.name() + "/backupSQL";
      Prova.Said refused = prova.run("init", "--repository", repository, "--apply");
      assertThat(refused.exitCode()).isEqualTo(Failure.PRIVILEGE.exitCode());
      doAsRoot(refused);
      Prova.Said said = prova.succeeds("init", "--repository", repository, "--apply");
      assertThat(said.out())
          .contains("physical backups: Prova reads the files itself")
          .doesNotContain("✗");
      remember(); // with the role that init made
      prova.succeeds("backup");

      cluster.psql("postgres", "DROP DATABASE shop");
      prova.succeeds("recover", "--database", "shop", "--yes");
      Dumps.assertSame(cluster.dump(), dump);

      cluster.destroy();
      assertThat(cluster.status()).isEmpty();
      refused = prova.run("recover", "--yes");
      assertThat(refused.exitCode()).isEqualTo(Failure.PRIVILEGE.exitCode());
      doAsRoot(refused);
      prova.succeeds("recover", "--yes");
      assertIsBack();

      // Root, who may not log in through the socket, is told so at once, and breaks nothing.
      Prova.Said rooted = prova.runAs(OsUser.current(), "restore", "--in-place", "--yes");
      assertThat(rooted.exitCode()).as(rooted.toString()).isEqualTo(Failure.PRIVILEGE.exitCode());
      assertThat(rooted.error()).contains("runuser -u postgres -- prova");
      assertThat(prova.runAs(OsUser.current(), "backup", "--logical").exitCode()).isZero();
      prova.succeeds("backup");
      assertIsBack();
    }
  }

  @Test
  void rootCarriesOutTheWholePlanWithAPassword() throws Exception {
    cluster.psql("postgres", "ALTER ROLE postgres PASSWORD '" + PASSWORD + "'");
    cluster.root("chgrp adm /etc/postgresql/$VERSION/$NAME/conf.d/own.conf");
    remember();
    try (Prova prova = Prova.unconfigured()) {
      prova.set("PGPASSWORD", PASSWORD);
      prova.succeeds(
          "init",
          "--connection",
          "postgresql://postgres@localhost:" + cluster.port() + "/postgres",
          "--repository",
          prova.repository().toString(),
          "--state-directory",
          prova.directory().resolve("state").toString());
      prova.unset("PGPASSWORD");
      prova.set("PGPASSFILE", passFile(prova).toString());
      assertThat(prova.succeeds("check").out()).doesNotContain("✗");
      prova.succeeds("backup");

      cluster.destroy();
      prova.succeeds("restore", "--in-place", "--yes");
      assertIsBack();

      damageTheNewestPhysicalBackup(prova);
      cluster.destroy();
      Prova.Said said = prova.succeeds("recover", "--yes");
      assertThat(said.out()).contains("tried before, and failed").contains("is damaged");
      assertIsBack();
      // The rebuilt cluster is another one for PostgreSQL, and the repository goes on with it.
      prova.succeeds("backup");
    }
  }

  private Path passFile(Prova prova) throws Exception {
    Path file = prova.directory().resolve("pgpass");
    Files.writeString(file, "localhost:" + cluster.port() + ":*:postgres:" + PASSWORD + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private static void damageTheNewestPhysicalBackup(Prova prova) throws Exception {
    Path file = prova.stored(BackupKind.PHYSICAL).resolve("000001.tar.zst");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void whenTheRestoredServerDoesNotStartTheOldDirectoryIsPutBack() throws Exception {
    cluster.psql("postgres", "ALTER ROLE postgres PASSWORD '" + PASSWORD + "'");
    try (Prova prova = Prova.unconfigured()) {
      prova.set("PGPASSWORD", PASSWORD);
      prova.succeeds(
          "init",
          "--connection",
          "postgresql://postgres@localhost:" + cluster.port() + "/postgres",
          "--repository",
          prova.repository().toString(),
          "--state-directory",
          prova.directory().resolve("state").toString());
      prova.succeeds("backup", "--physical");
      cluster.psql("shop", "INSERT INTO orders (what) VALUES ('after the backup')");
      cluster.psql("shop", "INSERT INTO archive VALUES (-1, 'after the backup')");
      remember();
      Path once = prova.directory().resolve("once");
      Files.writeString(once, "");
      Files.writeString(
          prova.config(),
          Files.readString(prova.config())
              + """
              service:
                start: [bash, -c, "if rm %1$s 2>/dev/null; then echo out of order; exit 1; fi; pg_ctlcluster %2$s %3$s start"]
                stop: [pg_ctlcluster, --mode, fast, %2$s, %3$s, stop]
              """
                  .formatted(once, cluster.version(), cluster.name()));
      Prova.Said said = prova.run("restore", "--in-place", "--yes");
      assertThat(said.exitCode()).isEqualTo(Failure.RESTORE_FAILED.exitCode());
      assertThat(said.error()).contains("out of order");
      assertIsBack();
      // The second time it starts; what was replaced is kept.
      said = prova.succeeds("restore", "--in-place", "--yes");
      assertThat(said.out()).contains("is kept as");
      assertThat(cluster.psql("shop", "SELECT count(*) FROM orders").strip()).isEqualTo("5000");
      assertThat(cluster.psql("shop", "SELECT count(*) FROM archive").strip()).isEqualTo("2500");
      assertThat(cluster.status()).isEqualTo("online");
    }
  }
}
