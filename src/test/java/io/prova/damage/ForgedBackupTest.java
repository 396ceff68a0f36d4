package io.prova.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.damage.DamagedRepositories.Stored;
import io.prova.testing.ProvaCli.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Damage whose digests were all made again: by somebody who wants it unseen, or by a program of
/// ours that stored the wrong bytes. No checksum finds it; restoring and comparing does.
class ForgedBackupTest {

  private static final int DAMAGED = 30;
  private static final int RESTORE_FAILED = 32;
  private static final int VALIDATION_FAILED = 33;
  private static final int DRILL_FAILED = 40;

  private static DamagedRepositories repositories;
  private static int caught;

  @BeforeAll
  static void start() throws Exception {
    repositories = new DamagedRepositories();
  }

  @AfterAll
  static void stop() throws Exception {
    System.out.println(
        "forged backups that verify found whole and drill and restore did not: " + caught);
    repositories.close();
  }

  @FunctionalInterface
  interface Forging {
    void forge(DamagedBackup backup) throws IOException, InterruptedException;
  }

  private static Arguments forged(
      String what, Stored stored, int restoreExit, String named, Forging forging) {
    return Arguments.of(what, stored, restoreExit, named, forging);
  }

  static Stream<Arguments> forgeries() {
    return Stream.of(
        forged(
            "a row of the dump changed",
            Stored.PLAIN,
            VALIDATION_FAILED,
            "table public.customers",
            b -> dump(b, text -> text.replace("customer 77\n", "customer 78\n"))),
        forged(
            "a row of the dump missing",
            Stored.PLAIN,
            VALIDATION_FAILED,
            "table public.orders",
            b -> dump(b, text -> text.replace("77\torder 77\n", ""))),
        forged(
            "a row of the dump doubled",
            Stored.PLAIN,
            VALIDATION_FAILED,
            "table public.orders",
            b -> dump(b, text -> text.replace("77\torder 77\n", "77\torder 77\n77\torder 77\n"))),
        forged(
            "a sequence set back",
            Stored.PLAIN,
            VALIDATION_FAILED,
            "sequence public.customers_id_seq",
            b ->
                dump(
                    b,
                    text ->
                        text.replace(
                            "customers_id_seq', 500, true", "customers_id_seq', 400, true"))),
        forged(
            "a view of the dump missing",
            Stored.PLAIN,
            VALIDATION_FAILED,
            "objects: view",
            b ->
                dump(
                    b,
                    text ->
                        text.replaceAll("(?s)CREATE VIEW public.big_orders AS.*?;\n", "")
                            .replaceAll("ALTER TABLE public.big_orders[^\n]*", ""))),
        forged(
            "the dump cut before its end marker",
            Stored.PLAIN,
            DAMAGED,
            "shop.sql",
            b ->
                dump(
                    b,
                    text ->
                        text.substring(0, text.indexOf("-- PostgreSQL database dump complete")))),
        forged(
            "the dump cut after its first table",
            Stored.PLAIN,
            DAMAGED,
            "shop.sql",
            b -> dump(b, text -> text.substring(0, text.indexOf("-- Data for Name: orders")))),
        forged(
            "a compressed dump cut to 50 %",
            Stored.ZSTD,
            DAMAGED,
            "shop.sql.zst",
            b -> {
              b.truncate(b.file("shop.sql.zst"), 0.5);
              b.reseal();
            }),
        forged(
            "a bit of a compressed dump flipped",
            Stored.GZIP,
            DAMAGED,
            "shop.sql.gz",
            b -> {
              b.flipBit(b.file("shop.sql.gz"));
              b.reseal();
            }),
        forged(
            "a custom dump cut to 50 %",
            Stored.CUSTOM,
            RESTORE_FAILED,
            "shop",
            b -> {
              b.truncate(b.file("shop.dump"), 0.5);
              b.reseal();
            }),
        forged(
            "a table's data of a directory dump missing",
            Stored.DIRECTORY,
            RESTORE_FAILED,
            ".dat",
            b -> {
              b.delete(b.theOnly("logicos/" + b.label() + "/shop.dir", ".dat.gz"));
              b.reseal();
            }),
        forged(
            "a block of a table zeroed",
            Stored.PHYSICAL,
            VALIDATION_FAILED,
            "table public.customers",
            b -> {
              zeroSecondBlock(b, repositories.heapFile("customers"));
              b.reseal();
            }),
        forged(
            "a bit of a table's block flipped",
            Stored.PHYSICAL,
            VALIDATION_FAILED,
            "table public.orders",
            b -> {
              b.flipBit(b.file(repositories.heapFile("orders")));
              b.reseal();
            }),
        forged(
            "the WAL missing",
            Stored.PHYSICAL,
            RESTORE_FAILED,
            "WAL",
            b -> {
              deleteSegments(b);
              b.reseal();
            }),
        forged(
            "backup_label missing",
            Stored.PHYSICAL,
            DAMAGED,
            "backup_label",
            b -> {
              b.delete(b.file("data/backup_label"));
              b.reseal();
            }),
        forged(
            "backup_label with another start",
            Stored.PHYSICAL,
            DAMAGED,
            "backup_label",
            b -> {
              b.edit(
                  b.file("data/backup_label"),
                  text -> text.replaceFirst("START WAL LOCATION: 0/", "START WAL LOCATION: 1/"));
              b.reseal();
            }),
        forged(
            "pg_control of another cluster",
            Stored.PHYSICAL,
            DAMAGED,
            "pg_control",
            b -> {
              changeSystemIdentifier(b);
              b.reseal();
            }),
        forged(
            "a bit of pg_control flipped",
            Stored.PHYSICAL,
            RESTORE_FAILED,
            "control file",
            b -> {
              flipControlFile(b);
              b.reseal();
            }),
        forged(
            "pg_control missing",
            Stored.PHYSICAL,
            DAMAGED,
            "pg_control",
            b -> {
              b.delete(b.file("data/global/pg_control"));
              b.reseal();
            }),
        forged(
            "a tablespace missing",
            Stored.PHYSICAL,
            DAMAGED,
            "tablespaces",
            b -> {
              b.delete(b.file("tablespaces"));
              b.reseal();
            }),
        forged(
            "PG_VERSION of another major",
            Stored.PHYSICAL,
            RESTORE_FAILED,
            "version 12",
            b -> {
              DamagedBackup.write(
                  b.file("data/PG_VERSION"), "12\n".getBytes(StandardCharsets.UTF_8));
              b.reseal();
            }));
  }

  private static void dump(DamagedBackup backup, java.util.function.UnaryOperator<String> change)
      throws IOException, InterruptedException {
    backup.edit(backup.file("shop.sql"), change);
    // Even the dump's size in backup.json is made right, except where it is cut: that a truncation
    // is found by the size alone is a check of its own.
    boolean cut = !Files.readString(backup.file("shop.sql")).contains("dump complete");
    long bytes = Files.size(backup.file("shop.sql"));
    backup.reseal(content -> {
      if (!cut) {
        setDumpBytes(content, "shop", bytes);
      }
    });
  }

  @SuppressWarnings("unchecked")
  private static void setDumpBytes(Map<String, Object> backup, String database, long bytes) {
    Map<String, Object> logical = (Map<String, Object>) backup.get("logical");
    for (Map<String, Object> each : (List<Map<String, Object>>) logical.get("databases")) {
      if (each.get("name").equals(database)) {
        each.put("bytes", bytes);
        each.put("stored", bytes);
      }
    }
  }

  private static void zeroSecondBlock(DamagedBackup backup, String file) throws IOException {
    byte[] bytes = Files.readAllBytes(backup.file(file));
    java.util.Arrays.fill(bytes, 8192, 16384, (byte) 0);
    DamagedBackup.write(backup.file(file), bytes);
  }

  private static void deleteSegments(DamagedBackup backup) throws IOException {
    try (Stream<Path> files = Files.list(backup.file("data/pg_wal"))) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().length() == 24).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void changeSystemIdentifier(DamagedBackup backup) throws IOException {
    Path control = backup.file("data/global/pg_control");
    byte[] bytes = Files.readAllBytes(control);
    bytes[0] ^= 1;
    DamagedBackup.write(control, bytes);
  }

  /// Past the identifier, before its checksum's end.
  private static void flipControlFile(DamagedBackup backup) throws IOException {
    Path control = backup.file("data/global/pg_control");
    byte[] bytes = Files.readAllBytes(control);
    bytes[40] ^= 1;
    DamagedBackup.write(control, bytes);
  }

  /// One of each kind of backup, for every day.
  static Stream<Arguments> someForgeries() {
    List<String> chosen =
        List.of("a row of the dump changed", "a custom dump cut to 50 %", "backup_label missing");
    return forgeries().filter(each -> chosen.contains(each.get()[0]));
  }

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("someForgeries")
  void isFoundByRestoringAndComparing(
      String what, Stored stored, int restoreExit, String named, Forging forging) throws Exception {
    check(stored, restoreExit, named, forging);
  }

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("forgeries")
  @Tag("slow")
  void whateverWasForgedIsFoundByRestoringAndComparing(
      String what, Stored stored, int restoreExit, String named, Forging forging) throws Exception {
    check(stored, restoreExit, named, forging);
  }

  private static void check(Stored stored, int restoreExit, String named, Forging forging)
      throws Exception {
    DamagedBackup backup = repositories.open(stored);
    forging.forge(backup);
    repositories.cli.must("verify", backup.label());

    String before = repositories.target();
    Answer restore = repositories.restore(stored, backup.label());
    assertThat(restore.exitCode()).as("restore: %s", restore).isEqualTo(restoreExit);
    assertThat(restore.said()).contains(named);
    assertThat(repositories.target()).isEqualTo(before);

    Answer drill = repositories.cli.run("drill", backup.label());
    assertThat(drill.exitCode()).as("drill: %s", drill).isEqualTo(DRILL_FAILED);
    assertThat(drill.said()).contains(named);
    assertThat(repositories.target()).isEqualTo(before);
    backup.delete(repositories.cli.state());
    assertThat(repositories.cli.run("list").said()).contains("FAILED ITS TEST");
    caught++;
  }
}
