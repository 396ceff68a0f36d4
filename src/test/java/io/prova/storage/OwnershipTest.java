package io.prova.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prova.backup.BackupContext;
import io.prova.backup.logical.LogicalBackupRun;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.logical.LogicalPlanner;
import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.base.Redactor;
import io.prova.catalog.Compression;
import io.prova.catalog.DumpFormat;
import io.prova.journal.Author;
import io.prova.journal.Journal;
import io.prova.journal.JournalEntry;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.testing.PgCluster;
import io.prova.testing.TestRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recovery in place is root's affair, the daemon runs as another user: what root leaves behind,
/// the daemon must be able to read and replace.
class OwnershipTest {

  @TempDir private Path directory;
  private OsUser daemon;

  @BeforeEach
  void onlyRootCanMakeFilesOfOthers() throws IOException {
    assumeTrue(OsUser.current().isRoot(), "needs root");
    daemon = PgCluster.serverUser();
    ScratchPlace.give(directory, daemon);
  }

  private static List<Path> notOf(OsUser user, Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.filter(path -> uid(path) != user.uid()).toList();
    }
  }

  private static int uid(Path path) {
    try {
      return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatRootStoresInADirectoryOfTheDaemonIsTheDaemons() throws IOException {
    byte[] content = "x".getBytes(StandardCharsets.UTF_8);
    DurableFiles.createDirectories(directory.resolve("a/b"));
    DurableFiles.putIfAbsent(directory.resolve("a/b/put"), content);
    DurableFiles.replace(directory.resolve("a/b/put"), content);
    FileLock.tryExclusive(directory.resolve("lock"), "root").orElseThrow().close();
    assertThat(notOf(daemon, directory)).isEmpty();
  }

  @Test
  void aJournalThatRootWroteToCanBeGoneOnWithByTheDaemon() throws Exception {
    Journal journal =
        Journal.open(directory, new Author("root", "here"), InstantSource.system(), new Redactor());
    journal.append(
        new JournalEntry("1", JournalEntry.START, "recover", Optional.empty(), Map.of()));
    assertThat(notOf(daemon, directory)).isEmpty();
  }

  @Test
  void backupsThatRootTakesIntoTheDaemonsRepositoryAreTheDaemons() throws Exception {
    try (PgCluster cluster = PgCluster.start("wal_level = replica");
        TestRepository repository = TestRepository.forCluster(cluster)) {
      Path root = repository.repository().root();
      try (Stream<Path> tree = Files.walk(root)) {
        for (Path each : tree.toList()) {
          ScratchPlace.give(each, daemon);
        }
      }
      BackupContext context = repository.backupContext();
      LogicalOptions asDirectory =
          new LogicalOptions(
              List.of("*"),
              List.of(),
              DumpFormat.DIRECTORY,
              Compression.NONE,
              1,
              Duration.ofMinutes(5),
              Duration.ofMinutes(1));
      LogicalBackupRun.run(context, LogicalPlanner.plan(context, asDirectory, Optional.empty()));
      PhysicalBackupRun.run(
          context, PhysicalPlanner.plan(context, PhysicalOptions.DEFAULTS, Optional.empty()));
      assertThat(notOf(daemon, root)).isEmpty();
    }
  }

  @Test
  void whatRootStoresInItsOwnDirectoryStaysItsOwn() throws IOException {
    OsUser root = OsUser.current();
    ScratchPlace.give(directory, root);
    DurableFiles.putIfAbsent(directory.resolve("file"), new byte[0]);
    assertThat(notOf(root, directory)).isEmpty();
  }
}
