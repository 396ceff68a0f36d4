package io.prova.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.catalog.BackupKind;
import io.prova.storage.DurableFiles;
import io.prova.testing.Dumps;
import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The whole way of an encrypted backup, by commands.
class EncryptedBackupTest {

  private static final String DATABASE = "projeto_pratico_1";
  private static final String TABLE = "tabela_sigilosa";
  private static final String CONTENT = "conteudo-sigiloso";
  private static final String SETTING = "senha-na-configuracao";

  /// What an encrypted backup shows.
  private static final Set<String> OPEN =
      Set.of("backup.json", "SHA256SUMS", "layout.jsonl", "RESTORE.md", "restore.py");

  private PgCluster cluster;
  private Prova prova;
  private Path hostKey;
  private Path escrowKey;
  private String recipients;

  @BeforeEach
  void startCluster() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql("postgres", "CREATE DATABASE " + DATABASE);
    cluster.sql(
        DATABASE,
        "CREATE TABLE %s AS SELECT i, '%s' || md5(i::text) AS nota FROM generate_series(1, 5000) i"
            .formatted(TABLE, CONTENT));
    Path outside = cluster.root().resolve("fora.conf");
    Files.writeString(outside, "prova.senha = '" + SETTING + "'\n");
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(
        cluster.dataDirectory().resolve("postgresql.conf"),
        "\ninclude '" + outside + "'\n",
        StandardOpenOption.APPEND);
    prova = Prova.forCluster(cluster, "physical: { method: local }");
    hostKey = prova.directory().resolve("host.key");
    escrowKey = prova.directory().resolve("cofre.key");
    recipients = newKey(hostKey) + ", " + newKey(escrowKey);
  }

  @AfterEach
  void stopCluster() throws Exception {
    prova.close();
    cluster.close();
  }

  private String newKey(Path file) throws IOException {
    String said = prova.succeeds("key", "new", "--file", file.toString()).toString();
    Matcher recipient = Pattern.compile("age1[a-z0-9]{58}").matcher(said);
    assertThat(recipient.find()).as(said).isTrue();
    assertThat(said).doesNotContain("AGE-SECRET-KEY-");
    assertThat(prova.succeeds("key", "show", file.toString()).out())
        .isEqualTo(recipient.group() + "\n");
    return recipient.group();
  }

  private void configure(String identity) throws IOException {
    prova.configure(
        cluster,
        "physical: { method: local, encryption: { recipients: [%s]%s } }"
            .formatted(recipients, identity));
  }

  private String label() throws IOException {
    return prova.newest(BackupKind.PHYSICAL).label().text();
  }

  @Test
  void aHostWithPublicKeysOnlyTakesBackupsThatItCannotRead() throws Exception {
    configure("");
    assertThat(prova.succeeds("backup", "--physical", "--dry-run").toString())
        .contains("encrypted for " + recipients);
    prova.succeeds("backup", "--physical");
    requireNothingReadable();

    prova.succeeds("verify");
    assertThat(prova.succeeds("show", "--tables", label()).toString())
        .contains("encrypted for", "tables are not shown")
        .doesNotContain(TABLE);
    for (String[] command :
        new String[][] {
          {"verify", "--deep"},
          {"diff", label(), label()},
          {"key", "check", label()},
          {"restore", "--to", cluster.root().resolve("copia").toString(), label()}
        }) {
      Prova.Said said = prova.run(command);
      assertThat(said.exitCode()).as("%s", said).isEqualTo(19);
      assertThat(said.error())
          .contains("is encrypted, and no key is configured", "identity_file", recipients);
    }
    assertThat(cluster.root().resolve("copia")).doesNotExist();
    Prova.Said drilled = prova.run("drill");
    assertThat(drilled.exitCode()).as("%s", drilled).isEqualTo(41);

    Path wrong = prova.directory().resolve("outra.key");
    String stranger = newKey(wrong);
    Prova.Said said = prova.run("key", "check", label(), "--identity", wrong.toString());
    assertThat(said.exitCode()).isEqualTo(19);
    assertThat(said.error()).contains("no key in " + wrong, recipients, stranger);

    Files.setPosixFilePermissions(escrowKey, PosixFilePermissions.fromString("rw-r-----"));
    said = prova.run("key", "check", label(), "--identity", escrowKey.toString());
    assertThat(said.exitCode()).isEqualTo(19);
    assertThat(said.error()).contains("rw-r-----", "chmod 600");
    Files.setPosixFilePermissions(escrowKey, PosixFilePermissions.fromString("rw-------"));
    assertThat(
            prova.succeeds("key", "check", label(), "--identity", escrowKey.toString()).toString())
        .contains("opens backup " + label(), recipient(escrowKey));
  }

  /// The next best restore point is one that needs no key.
  @Test
  void whereTheKeyIsGoneRecoveryTakesTheDumps() throws Exception {
    configure("");
    prova.succeeds("backup", "--logical");
    prova.succeeds("backup", "--physical");
    String before = cluster.dump(DATABASE, "--create");
    cluster.stopServer();
    DurableFiles.deleteTree(cluster.dataDirectory().resolve("base"));
    assertThat(prova.succeeds("recover", "--yes").toString())
        .contains("this restore point failed", "is encrypted, and no key is configured");
    Dumps.assertSame(cluster.dump(DATABASE, "--create"), before);
  }

  private static String recipient(Path key) throws IOException {
    return Files.readAllLines(key).get(1).replace("# public key: ", "");
  }

  /// Every file is sealed but those that the format names, and nothing in the repository has a
  /// table's name or content, or a secret of the configuration.
  private void requireNothingReadable() throws IOException {
    Path backup = prova.stored(BackupKind.PHYSICAL);
    assertThat(backup.resolve("config" + cluster.root().resolve("fora.conf") + ".age")).exists();
    assertThat(backup.resolve(DATABASE + ".fingerprint.json.age")).exists();
    try (Stream<Path> files = Files.walk(prova.repository())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] stored = Files.readAllBytes(file);
        String text = new String(stored, StandardCharsets.ISO_8859_1);
        assertThat(text.contains(TABLE) || text.contains(CONTENT) || text.contains(SETTING))
            .as("%s shows something", file)
            .isFalse();
        if (file.startsWith(backup) && !OPEN.contains(backup.relativize(file).toString())) {
          assertThat(file.toString()).endsWith(".age");
          assertThat(text).as("%s", file).startsWith("age-encryption.org/v1\n-> X25519 ");
        }
      }
    }
  }

  @Test
  void withItsKeyItIsProvenAndBringsADestroyedClusterBack() throws Exception {
    configure(", identity_file: " + hostKey);
    prova.succeeds("backup", "--physical");
    prova.succeeds("backup", "--physical");
    String before = cluster.dump(DATABASE, "--create");
    prova.succeeds("verify", "--deep");
    assertThat(prova.succeeds("drill").toString()).contains("proven");
    assertThat(prova.succeeds("show", "--tables", label()).toString()).contains(TABLE, "5,000");
    assertThat(prova.succeeds("diff", label(), label()).exitCode()).isZero();
    assertThat(prova.succeeds("key", "check", label(), "--json").out())
        .contains("prova.key.check.v1");

    cluster.stopServer();
    DurableFiles.deleteTree(cluster.dataDirectory().resolve("base"));
    Path outside = cluster.root().resolve("fora.conf");
    Files.delete(outside);
    prova.succeeds("recover", "--yes");
    Dumps.assertSame(cluster.dump(DATABASE, "--create"), before);
    assertThat(outside).hasContent("prova.senha = '" + SETTING + "'");
  }

  /// Somebody without a key who can write the repository: the stored digests are made right again.
  @Test
  void packsThatWereExchangedAreRefusedByTheirName() throws Exception {
    configure(", identity_file: " + hostKey);
    prova.succeeds("backup", "--physical");
    Path older = prova.stored(BackupKind.PHYSICAL);
    cluster.sql(DATABASE, "INSERT INTO " + TABLE + " VALUES (0, 'mais')");
    prova.succeeds("backup", "--physical");
    Path newer = prova.stored(BackupKind.PHYSICAL);
    Files.copy(
        older.resolve("000001.tar.zst.age"),
        newer.resolve("000001.tar.zst.age"),
        StandardCopyOption.REPLACE_EXISTING);
    Prova.Said said = prova.run("verify", label());
    assertThat(said.exitCode()).isEqualTo(30);
    assertThat(said.toString()).contains("000001.tar.zst.age");
    // Even if nothing but the key could tell:
    said = prova.run("key", "check", label());
    assertThat(said.exitCode()).as("%s", said).isEqualTo(30);
    assertThat(said.error()).contains("000001.tar.zst.age is damaged");
  }

  @Test
  void whatCannotBeEncryptedIsAMistakeOfTheConfiguration() throws Exception {
    prova.configure(
        cluster,
        "physical: { method: pg_basebackup, encryption: { recipients: [%s] } }"
            .formatted(recipients));
    Prova.Said said = prova.run("backup", "--physical");
    assertThat(said.exitCode()).isEqualTo(10);
    assertThat(said.error())
        .contains(
            "physical.encryption.recipients", "what pg_basebackup writes cannot be encrypted");
    String secret = Files.readAllLines(hostKey).getLast();
    prova.configure(
        cluster, "physical: { method: local, encryption: { recipients: [%s] } }".formatted(secret));
    said = prova.run("backup", "--physical");
    assertThat(said.exitCode()).isEqualTo(10);
    assertThat(said.error()).contains("age1").doesNotContain(secret);
  }

  /// Where Prova cannot read the files itself, pg_basebackup would make a backup that everybody can
  /// read.
  @Test
  void whatWasToBeEncryptedNeverFallsBackToWhatIsNot() throws Exception {
    cluster.sql(
        "postgres",
        "CREATE ROLE guarda LOGIN REPLICATION",
        "GRANT pg_read_all_data, pg_read_all_settings, pg_monitor TO guarda");
    prova.configure(
        cluster, "physical: { encryption: { recipients: [%s] } }".formatted(recipients));
    String yaml = Files.readString(prova.config()).replace("user: postgres", "user: guarda");
    Files.writeString(prova.config(), yaml);
    Prova.Said said = prova.run("backup", "--physical");
    assertThat(said.exitCode()).as("%s", said).isEqualTo(18);
    assertThat(said.error()).contains("may not begin and end a backup");
  }

  @Test
  void aKeyIsNeverOverwritten() throws Exception {
    List<String> before = Files.readAllLines(hostKey);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(hostKey)))
        .isEqualTo("rw-------");
    Prova.Said said = prova.run("key", "new", "--file", hostKey.toString());
    assertThat(said.exitCode()).isEqualTo(64);
    assertThat(said.error()).contains("exists already");
    assertThat(Files.readAllLines(hostKey)).isEqualTo(before);
  }
}
