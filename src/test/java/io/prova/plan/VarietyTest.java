package io.prova.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Json;
import io.prova.catalog.BackupKind;
import io.prova.catalog.ProofLevel;
import io.prova.postgres.connection.PgSession;
import io.prova.testing.Dumps;
import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import io.prova.testing.Variety;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Whatever PostgreSQL can hold comes back: dumped again, the copy differs from the source in
/// nothing. Backed up by the role that `prova init` makes, after doing what `prova check` says.
class VarietyTest {

  private static PgCluster cluster;
  private static Prova prova;

  /// What the backup said.
  private static Prova.Said said;

  @BeforeAll
  static void backUpEverything() throws Exception {
    cluster = PgCluster.startOnLoopback("wal_level = logical", "max_wal_senders = 6");
    Variety.fill(cluster);
    prova = Prova.unconfigured();
    prova.run(
        "init",
        "--connection",
        prova.connection(cluster),
        "--repository",
        prova.repository().toString(),
        "--state-directory",
        prova.directory().resolve("state").toString(),
        "--apply");
    doWhatCheckSays();
    said = prova.succeeds("backup");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    prova.close();
    cluster.close();
  }

  /// Types each line that `check` prints beside an error.
  private static void doWhatCheckSays() throws IOException, InterruptedException {
    for (JsonNode finding : findings()) {
      if (finding.get("severity").asString().equals("error")) {
        for (JsonNode line : finding.get("mend")) {
          Process typed =
              new ProcessBuilder("sh", "-c", line.asString())
                  .directory(Path.of("/").toFile())
                  .redirectErrorStream(true)
                  .start();
          String answer = new String(typed.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          assertThat(typed.waitFor()).as("%s: %s", line.asString(), answer).isZero();
        }
      }
    }
    for (JsonNode finding : findings()) {
      assertThat(finding.get("severity").asString()).as(finding.toString()).isNotEqualTo("error");
    }
  }

  private static List<JsonNode> findings() throws IOException {
    List<JsonNode> findings = new ArrayList<>();
    for (String line : prova.run("--json", "check").out().lines().toList()) {
      JsonNode found = Json.LINE.readTree(line).findValue("findings");
      if (found != null) {
        found.forEach(findings::add);
      }
    }
    assertThat(findings).isNotEmpty();
    return findings;
  }

  /// Dumps of every database and of the globals.
  private static Map<String, String> dumps(PgCluster of, String... options) throws Exception {
    Map<String, String> dumps = new LinkedHashMap<>();
    dumps.put("globals", globals(of));
    for (String database : Variety.databases()) {
      // pg_dump creates no database with such a name; Prova does.
      List<String> fitting = new ArrayList<>(List.of(options));
      if (database.contains("\n")) {
        fitting.remove("--create");
      }
      dumps.put(database, of.dump(database, fitting.toArray(String[]::new)));
    }
    dumps.put("postgres", of.dump("postgres", options));
    return dumps;
  }

  /// Without the places of tablespaces, which rightly differ.
  private static String globals(PgCluster of) throws Exception {
    return of.globals().replaceAll("LOCATION E?'.*'", "LOCATION");
  }

  @Test
  void thePhysicalBackupOfEverythingIsTheSame() throws Exception {
    try (PgCluster copy = PgCluster.unfilled()) {
      Path tablespace = copy.root().resolve("tablespace");
      Prova.Said said =
          prova.succeeds(
              "restore",
              "--to",
              copy.dataDirectory().toString(),
              "--owner",
              copy.owner().name(),
              "--tablespace-mapping",
              Variety.tablespace(cluster) + "=" + tablespace);
      assertThat(said.out()).contains("compared: ").contains(" 1 not compared"); // the unlogged one
      copy.startRestored();
      // An unlogged table is empty after recovery, by PostgreSQL's own definition.
      String[] options = {"--create", "--exclude-table-data=unlogged_one"};
      Dumps.assertSame(dumps(copy, options), dumps(cluster, options));
    }
  }

  @Test
  void everyDumpGoesIntoAnEmptyServerAndIsTheSame() throws Exception {
    try (PgCluster other = PgCluster.start("wal_level = logical")) {
      Prova there = prova.beside(other);
      Prova.Said lacking = there.run("restore", "--database=postgres", "--replace", "--yes");
      assertThat(lacking.error()).contains("CREATE TABLESPACE outside OWNER clerk LOCATION");
      Variety.createTablespace(other);
      for (String database : Variety.databases()) {
        there.succeeds("restore", "--database=" + database, "--into=" + database);
      }
      Dumps.assertSame(visibleToTheRole(other), visibleToTheRole(cluster));
    }
  }

  /// What PostgreSQL shows to the role that `init` makes, and so what its backups hold: no
  /// passwords and no subscriptions. Each of them is told when the backup is taken.
  private static Map<String, String> visibleToTheRole(PgCluster of) throws Exception {
    Map<String, String> dumps = dumps(of, "--create", "--no-subscriptions");
    dumps.replaceAll(
        (name, dump) -> dump.replaceAll("(CREATE USER MAPPING [^;]*?) OPTIONS [^;]*;", "$1;"));
    dumps.put(
        "globals",
        dumps
            .get("globals")
            .replaceAll(" PASSWORD '[^']*'", "")
            .replaceAll("(?m)^(--.*|GRANT .* ON PARAMETER .*|)\\n", "")
            .replaceAll("(?m)^ALTER ROLE prova SET lo_compat_privileges .*\\n", ""));
    return dumps;
  }

  @Test
  void whatTheRoleMayNotSeeIsTold() throws Exception {
    assertThat(said.error())
        .contains("role prova is no superuser, so the roles' passwords are not in this backup")
        .contains("subscriptions not dumped because current user is not a superuser")
        .contains("role prova does not see the options of 2 user mappings");
  }

  @Test
  void drillsProveBothKinds() throws Exception {
    prova.succeeds("drill");
    for (BackupKind kind : BackupKind.values()) {
      assertThat(prova.newest(kind).proof().level()).isEqualTo(ProofLevel.PROVEN);
    }
  }

  @ParameterizedTest
  @CsvSource({"plain, zstd", "directory, gzip"})
  void aReplacedDatabaseIsTheSame(String format, String compression) throws Exception {
    everyFormatIsTheSame(format, compression);
  }

  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"plain, none", "plain, gzip", "custom, none", "custom, gzip", "directory, none"})
  void everyFormatIsTheSame(String format, String compression) throws Exception {
    try (Prova own =
        Prova.forCluster(
            cluster, "logical: { format: %s, compression: %s }".formatted(format, compression))) {
      own.succeeds(
          "backup", "--logical", "--database=" + Variety.MAIN, "--database=" + Variety.QUOTED);
      for (String database : List.of(Variety.MAIN, Variety.QUOTED)) {
        String before = cluster.dump(database, "--create");
        own.succeeds("restore", "--database=" + database, "--replace", "--yes", "--jobs=2");
        Dumps.assertSame(cluster.dump(database, "--create"), before);
        dropKept(database);
      }
      own.succeeds("drill");
    }
  }

  private static void dropKept(String database) {
    try (PgSession session = cluster.session("postgres")) {
      for (String kept :
          session.query(
              "SELECT datname FROM pg_database WHERE starts_with(datname, ?)",
              row -> row.getString(1),
              database + "_before_")) {
        if (database.equals(Variety.MAIN)) {
          cluster.sql(kept, "DROP SUBSCRIPTION of_nobody"); // it would hold the database
        }
        session.execute("DROP DATABASE " + PgSession.identifier(kept));
      }
    }
  }
}
