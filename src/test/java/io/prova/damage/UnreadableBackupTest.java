package io.prova.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.Main;
import io.prova.damage.DamagedRepositories.Stored;
import io.prova.postgres.OsUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What may not be read was not tested: neither passed nor damaged.
class UnreadableBackupTest {

  private static final int PRIVILEGE = 18;
  private static final int DRILL_NOT_TESTED = 41;

  private static DamagedRepositories repositories;

  @BeforeAll
  static void start() throws Exception {
    repositories = new DamagedRepositories();
  }

  @AfterAll
  static void stop() throws Exception {
    repositories.close();
  }

  private record Ended(int exitCode, String said) {}

  /// In a process for which permissions count even when it is root's.
  private static Ended run(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (OsUser.current().isRoot()) {
      command.addAll(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"));
    }
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--config",
            repositories.cli.config().toString()));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command)
            .directory(repositories.cli.root().toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  private static void forbid(DamagedBackup backup, String name) throws IOException {
    Path file = backup.file(name);
    if (Files.isRegularFile(file)) {
      DamagedBackup.write(file, Files.readAllBytes(file)); // not the original behind the link
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
  }

  @Test
  void aBackupThatMayNotBeReadIsNotTested() throws Exception {
    check(Stored.PLAIN, "shop.sql");
  }

  @Test
  @Tag("slow")
  void aDirectoryThatMayNotBeReadIsNotTested() throws Exception {
    check(Stored.DIRECTORY, "shop.dir");
  }

  private static void check(Stored stored, String name) throws Exception {
    DamagedBackup backup = repositories.open(stored);
    String proof = repositories.cli.run("list").said();
    forbid(backup, name);
    Ended verify = run("verify", backup.label());
    assertThat(verify.exitCode).as(verify.said).isEqualTo(PRIVILEGE);
    assertThat(verify.said).contains(name).doesNotContain("is whole");
    Ended drill = run("drill", backup.label());
    assertThat(drill.exitCode).as(drill.said).isEqualTo(DRILL_NOT_TESTED);
    assertThat(drill.said).contains(name).contains("NOT TESTED");
    String before = repositories.target();
    Ended restore = run("restore", backup.label(), "--database", "shop", "--into", "shop_restored");
    assertThat(restore.exitCode).as(restore.said).isEqualTo(PRIVILEGE);
    assertThat(restore.said).contains(name);
    assertThat(repositories.target()).isEqualTo(before);
    // It speaks neither for the backup nor against it.
    assertThat(repositories.cli.run("list").said().lines().count())
        .isEqualTo(proof.lines().count());
    assertThat(repositories.cli.run("list").said()).doesNotContain("FAILED");
    Files.setPosixFilePermissions(backup.file(name), PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  @Tag("slow")
  void aRecordThatMayNotBeReadIsADoubt() throws Exception {
    DamagedBackup backup = repositories.open(Stored.PLAIN);
    forbid(backup, "backup.json");
    Ended verify = run("verify", backup.label());
    assertThat(verify.exitCode).as(verify.said).isEqualTo(PRIVILEGE);
    Ended status = run("status");
    assertThat(status.exitCode).as(status.said).isEqualTo(2);
    assertThat(status.said).contains("backup.json");
  }
}
