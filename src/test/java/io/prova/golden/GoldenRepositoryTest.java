package io.prova.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.Repository;
import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Repositories that earlier versions wrote, one for each version of the format: an archive under
/// `golden/`, made once by [GoldenRepositoryMaker] and never again. Whoever cannot read one of them
/// takes people's backups away.
class GoldenRepositoryTest {

  private static final Path V1 = Path.of("src/test/resources/golden/v1/repository.tar.zst");
  private static final int MAJOR = 15;

  private static final String CONTENT =
      "SELECT count(*) || ' ' || sum(id) || ' ' || max(o_que) FROM pedidos";
  private static final String EXPECTED = "1000 500500 pedido n.º 999";

  private static PgCluster server;
  private static Prova prova;

  @BeforeAll
  static void unpack() throws Exception {
    server = PgCluster.start("wal_level = replica");
    prova = Prova.unconfigured();
    prova.configure(server);
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "zstd -dcq --long=27 \"$0\" | tar x --no-same-owner -C \"$1\"",
                V1.toString(),
                prova.directory().toString())
            .redirectErrorStream(true)
            .start();
    assertThat(process.getInputStream().readAllBytes()).asString().isEmpty();
    assertThat(process.waitFor()).isZero();
  }

  @AfterAll
  static void remove() throws Exception {
    prova.close();
    server.close();
  }

  private static Listing listing() throws Exception {
    return Repository.open(prova.repository()).catalog().list();
  }

  private static Backup physical(String method) throws Exception {
    return listing().of(BackupKind.PHYSICAL).stream()
        .map(Listing.Entry::backup)
        .filter(each -> each.physical().orElseThrow().method().equals(method))
        .findFirst()
        .orElseThrow();
  }

  private static void assertContent(PgCluster cluster, String database) {
    try (var session = cluster.session(database)) {
      assertThat(session.requiredText(CONTENT)).isEqualTo(EXPECTED);
      assertThat(session.requiredText("SELECT count(*)::text FROM vazia")).isEqualTo("0");
    }
  }

  @Test
  void itIsListedAndEveryByteOfItIsThere() throws Exception {
    assertThat(listing().doubts()).isEmpty();
    assertThat(listing().entries()).hasSize(3);
    Listing.Entry logical = listing().newest(BackupKind.LOGICAL).orElseThrow();
    assertThat(logical.proof().level()).isEqualTo(ProofLevel.PROVEN);
    assertThat(logical.pin()).isPresent();
    String listed = prova.succeeds("list").out();
    for (Listing.Entry each : listing().entries()) {
      String label = each.label().text();
      assertThat(listed).contains(label);
      prova.succeeds("show", "--tables", label);
      prova.succeeds("verify", "--deep", label);
    }
    prova.succeeds("journal", "verify");
  }

  @Test
  void aDatabaseComesBackFromItsDump() throws Exception {
    server.sql("postgres", "CREATE ROLE ana");
    prova.succeeds("restore", "--database=postgres", "--into=volta");
    assertContent(server, "volta");
  }

  @Test
  void theClusterComesBackFromPacksAndFromFiles() throws Exception {
    try (var session = server.session("postgres")) {
      assumeThat(session.requiredText("SHOW server_version_num")).startsWith("" + MAJOR);
    }
    for (String method : List.of("local", "pg_basebackup")) {
      try (PgCluster copy = PgCluster.unfilled()) {
        prova.succeeds(
            "restore",
            "--to",
            copy.dataDirectory().toString(),
            "--owner",
            copy.owner().name(),
            physical(method).label().text());
        copy.startRestored();
        assertContent(copy, "postgres");
        assertThat(copy.dataDirectory().resolve("backup_label")).doesNotExist();
      }
    }
  }
}
