package io.prova.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prova.base.Failure;
import io.prova.catalog.BackupKind;
import io.prova.journal.JournalVerification;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaSite;
import io.prova.testing.RunningProva.Result;
import io.prova.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Disks that are full, have no file numbers left, turn read-only, or are not mounted.
class FullDiskTest {

  private static final int SPACE = Failure.SPACE.exitCode();

  private static PgCluster cluster;
  private Path root;
  private SmallDisk disk;
  private ProvaSite site;

  @BeforeAll
  static void startCluster() throws Exception {
    assumeTrue(SmallDisk.possible(), "only root may mount file systems");
    cluster = PgCluster.start(PgCluster.installedBin(), List.of("--wal-segsize=1"));
    cluster.sql("postgres", "CREATE TABLESPACE outside LOCATION '" + cluster.directory("ts") + "'");
    cluster.sql(
        "postgres",
        "CREATE TABLE orders TABLESPACE outside AS SELECT i AS id, repeat(md5(i::text), 10) AS what FROM generate_series(1, 10000) i");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  /// A site whose repository has a disk of its own.
  private void makeSite(String options) throws Exception {
    root = ProvaSite.newRoot();
    disk = SmallDisk.mount(root.resolve("disk"), options);
    site = ProvaSite.of(cluster, root, disk.root().resolve("repository"), root.resolve("state"));
  }

  @AfterEach
  void removeSite() throws Exception {
    if (disk != null) {
      disk.close();
      site.close();
    }
  }

  private Set<String> labels() throws IOException {
    return site.list().entries().stream()
        .map(entry -> entry.label().text())
        .collect(Collectors.toSet());
  }

  private void requireUntouched(Set<String> before) throws Exception {
    assertThat(labels()).isEqualTo(before);
    assertThat(site.damages()).isEmpty();
    assertThat(site.verifyJournal()).isInstanceOf(JournalVerification.Intact.class);
    assertThat(site.leftovers()).isEmpty();
  }

  @Test
  void aDiskThatFillsUpDuringADumpIsToldWithWhatLacksAndLeavesRoomForTheNextRun() throws Exception {
    makeSite("size=16m");
    site.succeed("backup", "--logical");
    Set<String> before = labels();
    // Fooled about the size to expect, or it would refuse before it begins.
    cluster.sql("postgres", "CREATE TABLE more AS SELECT * FROM orders");
    try {
      long last = site.list().newest(BackupKind.LOGICAL).orElseThrow().backup().stored().bytes();
      disk.fillBut(last + last / 5);
      Result result = site.run("backup", "--logical");
      assertThat(result.exitCode()).as("%s", result).isEqualTo(SPACE);
      assertThat(result.output()).contains("filled up during the backup: it has ", "needs ");
      requireUntouched(before);
      disk.makeRoom();
      site.succeed("backup", "--logical");
      assertThat(site.damages()).isEmpty();
    } finally {
      cluster.sql("postgres", "DROP TABLE more");
    }
  }

  @Test
  void aFullDiskCanBeHelpedByExpiry() throws Exception {
    makeSite("size=24m");
    for (int i = 0; i < 3; i++) {
      site.succeed("backup", "--logical");
    }
    site.set("retention", "{keep_days: 0, keep_last: 1, undo_window: 0 s}");
    disk.fillBut(0);
    assertThat(site.run("backup", "--logical").exitCode()).isEqualTo(SPACE);
    Result moved = site.run("expire");
    assertThat(moved.exitCode()).as("%s", moved).isZero();
    assertThat(site.list().entries()).hasSize(1);
    Result removed = site.run("expire");
    assertThat(removed.exitCode()).as("%s", removed).isZero();
    assertThat(site.repository().trash().contents().notes()).isEmpty();
    assertThat(site.verifyJournal()).isInstanceOf(JournalVerification.Intact.class);
    site.succeed("backup", "--logical");
    assertThat(site.damages()).isEmpty();
  }

  @Test
  void aFullStateDirectoryHindersNoBackup() throws Exception {
    root = ProvaSite.newRoot();
    disk = SmallDisk.mount(root.resolve("state"), "size=64k");
    site = ProvaSite.of(cluster, root, root.resolve("repository"), disk.root());
    disk.fillBut(0);
    site.succeed("backup", "--logical");
    assertThat(site.list().entries()).hasSize(1);
    assertThat(site.damages()).isEmpty();
  }

  @Test
  void aDiskThatTurnedReadOnlyOrIsNotMountedIsRefusedByItsName() throws Exception {
    makeSite("size=24m");
    site.succeed("backup", "--logical");
    Set<String> before = labels();
    disk.remount("ro");
    Result result = site.run("backup", "--logical");
    assertThat(result.exitCode()).as("%s", result).isEqualTo(Failure.REPOSITORY.exitCode());
    assertThat(result.output()).contains("read-only");
    disk.remount("rw");
    requireUntouched(before);
    disk.unmount();
    Result unmounted = site.run("backup", "--logical");
    assertThat(unmounted.exitCode()).as("%s", unmounted).isEqualTo(Failure.REPOSITORY.exitCode());
    assertThat(unmounted.output()).contains("is the disk mounted?");
    try (Stream<Path> written = Files.list(disk.root())) {
      assertThat(written).as("written below the mount point").isEmpty();
    }
  }

  @Test
  @Tag("slow")
  void everyFillLevelOfADumpFailsCleanlyOrSucceeds() throws Exception {
    makeSite("size=24m");
    site.succeed("backup", "--logical");
    long needed = site.list().newest(BackupKind.LOGICAL).orElseThrow().backup().stored().bytes();
    // FreeSpace refuses what is obviously too little, so the last backup's size is forgotten.
    int failed = 0;
    int succeeded = 0;
    for (int i = 0; i <= 24; i++) {
      Set<String> before = labels();
      disk.fillBut(needed * 13 * i / 240);
      Result result = site.run("backup", "--logical");
      if (result.exitCode() == 0) {
        succeeded++;
      } else {
        failed++;
        assertThat(result.exitCode()).as("%s", result).isEqualTo(SPACE);
        requireUntouched(before);
      }
      assertThat(site.damages()).isEmpty();
      disk.makeRoom();
      site.set("retention", "{keep_days: 0, keep_last: 1, undo_window: 0 s}");
      site.succeed("expire");
      site.succeed("expire");
    }
    System.out.printf("fill levels: %d failed with 15, %d succeeded%n", failed, succeeded);
    assertThat(failed).isPositive();
  }

  @Test
  @Tag("slow")
  void aDiskThatFillsUpDuringAPhysicalBackupIsToldAsSuch() throws Exception {
    makeSite("size=120m");
    for (long megabytes : new long[] {1, 5, 10, 20, 30}) {
      disk.fillBut(megabytes * 1024 * 1024);
      Result result = site.run("backup", "--physical");
      assertThat(result.exitCode()).as("%s MB: %s", megabytes, result).isEqualTo(SPACE);
      assertThat(result.output()).contains(" free, and ");
      requireUntouched(Set.of());
    }
    disk.makeRoom();
    site.succeed("backup", "--physical");
    Set<String> before = labels();
    disk.fillBut(20 * 1024 * 1024);
    Result refused = site.run("backup", "--physical");
    assertThat(refused.exitCode()).isEqualTo(SPACE);
    assertThat(refused.output()).contains("a backup like the last one needs");
    requireUntouched(before);
    disk.makeRoom();
    site.succeed("backup", "--physical");
    assertThat(site.damages()).isEmpty();
  }

  @Test
  @Tag("slow")
  void noFileNumbersLeftIsNoRoomLeft() throws Exception {
    makeSite("size=200m,nr_inodes=400");
    site.succeed("backup", "--logical");
    Set<String> before = labels();
    Result result = site.run("backup", "--physical"); // about 1000 files
    assertThat(result.exitCode()).as("%s", result).isEqualTo(SPACE);
    assertThat(result.output()).contains("df -i");
    requireUntouched(before);
    site.succeed("backup", "--logical");
  }

  @Test
  @Tag("slow")
  void aRestoreWhoseTargetFillsUpLeavesNothingThere() throws Exception {
    root = ProvaSite.newRoot();
    disk = SmallDisk.mount(root.resolve("disk"), "size=2m");
    site = ProvaSite.of(cluster, root, root.resolve("repository"), root.resolve("state"));
    site.succeed("backup", "--physical");
    Path small = disk.root().resolve("target");
    Path roomy = root.resolve("target");
    String old = cluster.root().resolve("ts").toString();
    Result refused =
        site.run(
            "restore",
            "--to",
            small.toString(),
            "--tablespace-mapping",
            old + "=" + root.resolve("ts"));
    assertThat(refused.exitCode()).as("%s", refused).isEqualTo(SPACE);
    assertThat(refused.output()).contains(" free, the backup needs ");
    assertThat(small).doesNotExist();
    Result filled =
        site.run(
            "restore",
            "--to",
            roomy.toString(),
            "--tablespace-mapping",
            old + "=" + disk.root().resolve("ts"));
    assertThat(filled.exitCode()).as("%s", filled).isEqualTo(SPACE);
    assertThat(roomy).doesNotExist();
    assertThat(disk.root().resolve("ts")).doesNotExist();
    disk.remount("size=64m");
    site.succeed(
        "restore",
        "--to",
        roomy.toString(),
        "--tablespace-mapping",
        old + "=" + disk.root().resolve("ts"));
  }

  @Test
  @Tag("slow")
  void smallLimitsOfTheProcessFailCleanly() throws Exception {
    makeSite("size=200m");
    site.succeed("backup", "--logical");
    Set<String> before = labels();
    Result size =
        site.start(List.of("prlimit", "--fsize=1000000"), List.of(), "backup", "--logical").await();
    assertThat(size.exitCode()).as("%s", size).isEqualTo(SPACE);
    requireUntouched(before);
    Result copy =
        site.start(List.of("prlimit", "--fsize=1000000"), List.of(), "backup", "--physical")
            .await();
    assertThat(copy.exitCode()).as("%s", copy).isNotZero();
    requireUntouched(before);
    for (int files = 16; files <= 128; files *= 2) {
      Result result =
          site.start(List.of("prlimit", "--nofile=" + files), List.of(), "backup", "--logical")
              .await();
      System.out.println(files + " files: " + result.exitCode());
      assertThat(site.damages()).isEmpty();
      if (result.exitCode() != 0) {
        requireUntouched(before);
      }
      before = labels();
    }
    site.succeed("backup", "--physical");
  }
}
