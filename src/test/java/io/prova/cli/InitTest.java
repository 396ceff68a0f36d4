package io.prova.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.postgres.connection.PgSession;
import io.prova.testing.Installation;
import io.prova.testing.Installation.Answer;
import io.prova.testing.PgCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The first command of a newcomer, against a server that wants passwords on TCP.
class InitTest {

  private static PgCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster =
        PgCluster.start(
            "wal_level = replica",
            "listen_addresses = 'localhost'",
            "port = " + PgCluster.freePort());
    cluster.sql("postgres", "CREATE DATABASE shop", "CREATE ROLE clerk");
    cluster.sql(
        "shop",
        "CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 100) i",
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE orders OWNER TO clerk");
    cluster.allowOnly(
        "local all all trust",
        "local replication all trust",
        "host all all 127.0.0.1/32 scram-sha-256",
        "host all all ::1/128 scram-sha-256",
        "host replication all 127.0.0.1/32 scram-sha-256",
        "host replication all ::1/128 scram-sha-256");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @AfterEach
  void dropRole() {
    cluster.sql(
        "postgres",
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'prova') THEN DROP OWNED BY prova; DROP ROLE prova; END IF; END $$");
  }

  private static boolean roleExists() {
    try (PgSession session = cluster.session("postgres")) {
      return session.yes("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prova')");
    }
  }

  private static Answer init(Installation installation, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "init",
                "--connection",
                "host=%s port=%d user=postgres".formatted(cluster.root(), cluster.port()),
                "--repository",
                installation.repository().toString(),
                "--state-directory",
                installation.state().toString()));
    words.addAll(List.of(more));
    return installation.run(words.toArray(String[]::new));
  }

  @Test
  void oneCommandMakesARoleThatCanDoAllThatBackupsNeedAndNothingElse() throws Exception {
    try (Installation installation = Installation.empty()) {
      Answer answer = init(installation, "--apply");
      assertThat(answer.exitCode()).as(answer.toString()).isLessThanOrEqualTo(1);
      assertThat(answer.out())
          .contains("role prova with the rights that backups need; its password goes to ")
          .contains("host    all          prova        127.0.0.1/32 scram-sha-256")
          .contains("host    replication  prova        ::1/128      scram-sha-256")
          .contains("✓ rights of role prova: enough for backups")
          .contains("✓ physical backups: Prova reads the files itself")
          .doesNotContain("✗");
      Path password = installation.root().resolve("prova-password");
      for (Path file : List.of(password, installation.configFile())) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rw-------");
      }
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(installation.repository())))
          .isEqualTo("rwx------");
      assertThat(answer.out() + answer.error() + installation.journal())
          .doesNotContain(Files.readString(password).strip());
      try (PgSession session = cluster.session("postgres")) {
        assertThat(
                session.requiredText(
                    """
                    SELECT concat_ws(' ', rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls)
                    FROM pg_roles WHERE rolname = 'prova'\
                    """))
            .isEqualTo("f f f t t t");
      }

      Answer backup = installation.run("backup", "--logical", "--physical");
      assertThat(backup.exitCode()).as(backup.toString()).isZero();
      assertThat(installation.backups()).hasSize(2);
      assertThat(installation.run("check").exitCode()).isLessThanOrEqualTo(1);
      assertThat(installation.run("config", "check").exitCode()).isZero();

      Answer again = init(installation, "--apply");
      assertThat(again.out())
          .contains("exists and stays as it is")
          .contains("role prova exists and stays as it is");
      assertThat(again.exitCode()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void aDirectoryOfOthersIsRefusedBeforeAnythingIsChanged() throws Exception {
    try (Installation installation = Installation.empty()) {
      Files.createDirectories(installation.repository());
      Files.writeString(installation.repository().resolve("thesis.txt"), "my only copy");
      Answer answer = init(installation, "--apply");
      assertThat(answer.exitCode()).isEqualTo(13);
      assertThat(answer.error()).contains("is not empty, and it is not a repository of Prova");
      assertThat(roleExists()).isFalse();
      assertThat(installation.configFile()).doesNotExist();
      assertThat(Files.list(installation.repository())).hasSize(1);
      assertThat(installation.root().resolve("prova-password")).doesNotExist();
    }
  }

  @Test
  void aConfigurationThatExistsIsUsedAndStaysAsItIs() throws Exception {
    try (Installation installation = Installation.empty()) {
      installation.configure(cluster, "# my own\n");
      String before = Files.readString(installation.configFile());
      Answer answer = installation.run("init"); // connects as the file says, with no other help
      assertThat(answer.exitCode()).as(answer.toString()).isLessThanOrEqualTo(1);
      assertThat(answer.out()).contains("exists and stays as it is");
      assertThat(Files.readString(installation.configFile())).isEqualTo(before);
      assertThat(installation.repository().resolve("repository.json")).exists();
    }
  }

  @Test
  void aDryRunShowsEverythingAndChangesNothing() throws Exception {
    try (Installation installation = Installation.empty()) {
      Answer answer = init(installation, "--apply", "--dry-run");
      assertThat(answer.exitCode()).isZero();
      assertThat(answer.out())
          .contains("would be:")
          .contains("CREATE ROLE \"prova\" LOGIN REPLICATION BYPASSRLS;")
          .contains("password_file:");
      assertThat(roleExists()).isFalse();
      assertThat(installation.configFile()).doesNotExist();
      assertThat(installation.repository()).doesNotExist();
    }
  }

  @Test
  void withoutApplyItSaysHowTheRoleGetsItsPasswordAndHowItIsUsed() throws Exception {
    try (Installation installation = Installation.empty()) {
      Answer answer = init(installation);
      assertThat(answer.out())
          .contains("CREATE ROLE \"prova\" LOGIN")
          .contains("\\password prova")
          .contains("password_file: " + installation.root().resolve("prova-password"));
      assertThat(roleExists()).isFalse();
      assertThat(installation.repository().resolve("repository.json")).exists();
    }
  }

  @Test
  void aRoleWhosePasswordNobodyHereKnowsIsNotTouched() throws Exception {
    cluster.sql("postgres", "CREATE ROLE prova LOGIN PASSWORD 'known to Ana'");
    try (Installation installation = Installation.empty()) {
      Answer answer = init(installation, "--apply");
      assertThat(answer.exitCode()).isEqualTo(64);
      assertThat(answer.error()).contains("role \"prova\" exists already").contains("--role");
      assertThat(installation.configFile()).doesNotExist();
    }
  }

  @Test
  void aPasswordOnTheCommandLineIsRefused() throws Exception {
    try (Installation installation = Installation.empty()) {
      Answer answer =
          installation.run(
              "init", "--connection", "postgresql://postgres:canary@localhost/postgres");
      assertThat(answer.exitCode()).isEqualTo(64);
      assertThat(answer.error())
          .contains("everybody on this machine could see")
          .doesNotContain("canary");
    }
  }
}
