package io.prova.restore;

import io.prova.catalog.Backup.ConfigFile;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// Makes a restored data directory startable by itself, and harmless: it archives nothing,
/// replicates nothing, listens on no network, until a person adopts it by removing the block that
/// this class writes.
final class InertCopy {

  private static final String BLOCK =
      """

      # Written by prova: this is a restored copy. It must not act as the server it was copied from. To put it into
      # service, remove this block (or restore with --adopt).
      archive_mode = off
      archive_command = ''
      restore_command = ''
      primary_conninfo = ''
      primary_slot_name = ''
      synchronous_standby_names = ''
      listen_addresses = ''
      max_logical_replication_workers = 0
      shared_preload_libraries = ''
      session_preload_libraries = ''
      """;

  private InertCopy() {}

  static void make(Path dataDirectory, OsUser owner) throws IOException {
    for (String signal : List.of("standby.signal", "recovery.signal")) {
      Files.deleteIfExists(dataDirectory.resolve(signal));
    }
    append(dataDirectory.resolve("postgresql.auto.conf"), BLOCK, owner);
  }

  /// Puts the configuration that lay outside the data directory into it, so that `pg_ctl -D` is
  /// enough.
  static void addConfiguration(BackupSource source, Path dataDirectory, OsUser owner)
      throws IOException {
    Optional<String> configFile = source.backup().server().setting("config_file");
    if (configFile.isEmpty() || Files.exists(dataDirectory.resolve("postgresql.conf"))) {
      return;
    }
    Path configDirectory = Path.of(configFile.get()).getParent();
    for (ConfigFile file : source.backup().configFiles()) {
      Path original = Path.of(file.path());
      if (configDirectory == null || !original.startsWith(configDirectory)) {
        continue;
      }
      Path place = dataDirectory.resolve(configDirectory.relativize(original).toString());
      if (!Files.exists(place)) {
        for (Path above = place.getParent();
            above != null && !Files.exists(above);
            above = above.getParent()) {
          Files.createDirectory(above);
          ScratchPlace.give(above, owner);
        }
        source.content().copy(file.stored(), place);
        ScratchPlace.give(place, owner);
      }
    }
    String paths =
        """

        # Written by prova: this copy has its configuration in its own directory.
        data_directory = '%1$s'
        hba_file = '%1$s/pg_hba.conf'
        ident_file = '%1$s/pg_ident.conf'
        external_pid_file = ''
        """
            .formatted(dataDirectory.toString().replace("'", "''"));
    append(dataDirectory.resolve("postgresql.conf"), paths, owner);
  }

  private static void append(Path file, String text, OsUser owner) throws IOException {
    boolean created = !Files.exists(file);
    Files.write(
        file,
        text.getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    if (created) {
      Files.setPosixFilePermissions(file, DurableFiles.OWNER_FILE);
      ScratchPlace.give(file, owner);
    }
    DurableFiles.sync(file);
  }
}
