package io.prova.backup;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.catalog.Backup.ConfigDirectory;
import io.prova.catalog.Backup.ConfigFile;
import io.prova.engine.seal.Seal;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The configuration files, first of all those that lie outside the data directory, as on Debian:
/// pg_basebackup does not copy them, and without them a destroyed server does not come back as it
/// was.
public final class ConfigFiles {

  /// Configuration is small; whatever is larger lies there for another reason.
  private static final long LARGEST_FILE = 4 * 1024 * 1024;

  private static final int MOST_FILES = 1000;

  private ConfigFiles() {}

  /// What was copied, and the directories it lay in.
  public record Copied(List<ConfigFile> files, List<ConfigDirectory> directories) {}

  /// Copies them below `directory`, under their own paths.
  ///
  /// @param includeInside take those inside the data directory too
  /// @param seal for whom they are encrypted: they may hold passwords
  /// @param warn told of each that could not be read
  public static Copied copy(
      PgSession session,
      ClusterFacts facts,
      Endpoint endpoint,
      Path directory,
      boolean includeInside,
      Optional<Seal> seal,
      Consumer<Message> warn)
      throws IOException {
    Optional<String> dataDirectory = facts.setting("data_directory");
    if (dataDirectory.isEmpty()) {
      warn.accept(
          message(
              "role {0} may not see where the configuration lies (it lacks pg_monitor), so files outside the data directory are not in this backup",
              facts.role().name()));
      return new Copied(List.of(), List.of());
    }
    boolean local = endpoint.isLocal();
    List<ConfigFile> copied = new ArrayList<>();
    for (Path file : list(session, facts, Path.of(dataDirectory.get()), local, includeInside)) {
      Optional<byte[]> content =
          local && Files.isReadable(file)
              ? Optional.of(Files.readAllBytes(file))
              : ask(session, file);
      if (content.isEmpty()) {
        warn.accept(
            message("configuration file {0} cannot be read, so it is not in this backup", file));
        continue;
      }
      String name = "config" + file + (seal.isPresent() ? Seal.SUFFIX : "");
      Path stored = directory.resolve(name);
      DurableFiles.createParents(stored);
      DurableFiles.putIfAbsent(
          stored, seal.isPresent() ? seal.get().seal(content.get()) : content.get());
      copied.add(describe(file, name, local));
    }
    return new Copied(copied, directories(facts, Path.of(dataDirectory.get()), local));
  }

  private static Set<Path> list(
      PgSession session,
      ClusterFacts facts,
      Path dataDirectory,
      boolean local,
      boolean includeInside)
      throws IOException {
    Set<Path> files = new TreeSet<>();
    for (String setting : List.of("config_file", "hba_file", "ident_file")) {
      facts.setting(setting).map(Path::of).ifPresent(files::add);
    }
    List<String> queries =
        new ArrayList<>(List.of("SELECT DISTINCT sourcefile FROM pg_catalog.pg_file_settings"));
    if (facts.version().major() >= 16) {
      queries.add("SELECT DISTINCT file_name FROM pg_catalog.pg_hba_file_rules");
      queries.add("SELECT DISTINCT file_name FROM pg_catalog.pg_ident_file_mappings");
    }
    for (String query : queries) {
      try {
        session.query(
            query, row -> row.getString(1) == null || files.add(Path.of(row.getString(1))));
      } catch (SqlFailed e) {
        if (!e.isPrivilege()) {
          throw e;
        }
        // Only superusers may ask for included files; the directory's listing below finds Debian's.
      }
    }
    if (local) {
      facts
          .setting("config_file")
          .map(file -> Path.of(file).getParent())
          .ifPresent(parent -> addSiblings(files, parent, dataDirectory));
    }
    if (!includeInside) {
      files.removeIf(file -> file.startsWith(dataDirectory));
    }
    return files;
  }

  /// Debian keeps start.conf, pg_ctl.conf and environment beside postgresql.conf, and conf.d below.
  private static void addSiblings(Set<Path> files, Path directory, Path dataDirectory) {
    if (directory.startsWith(dataDirectory) || directory.getNameCount() < 2) {
      return;
    }
    try (Stream<Path> found = Files.walk(directory, 2)) {
      found
          .filter(file ->
              Files.isRegularFile(file)
                  && Files.isReadable(file)
                  && file.toFile().length() <= LARGEST_FILE)
          .limit(MOST_FILES)
          .forEach(files::add);
    } catch (IOException | java.io.UncheckedIOException e) {
      // those that the server named are enough
    }
  }

  private static List<ConfigDirectory> directories(
      ClusterFacts facts, Path dataDirectory, boolean local) throws IOException {
    Optional<Path> top = facts.setting("config_file").map(file -> Path.of(file).getParent());
    if (!local
        || top.isEmpty()
        || top.get().startsWith(dataDirectory)
        || !Files.isReadable(top.get())) {
      return List.of();
    }
    List<ConfigDirectory> directories = new ArrayList<>();
    try (Stream<Path> found = Files.walk(top.get(), 2)) {
      for (Path directory : found.filter(Files::isDirectory).limit(MOST_FILES).toList()) {
        PosixFileAttributes attributes = Files.readAttributes(directory, PosixFileAttributes.class);
        directories.add(
            new ConfigDirectory(
                directory.toString(),
                Optional.of(attributes.owner().getName()),
                Optional.of(attributes.group().getName()),
                Optional.of(PosixFilePermissions.toString(attributes.permissions()))));
      }
    }
    return directories;
  }

  private static Optional<byte[]> ask(PgSession session, Path file) {
    try {
      return Optional.of(
          session.one(
              "SELECT pg_catalog.pg_read_binary_file(?)", row -> row.getBytes(1), file.toString()));
    } catch (SqlFailed e) {
      if (e.isConnectionLost()) {
        throw e;
      }
      return Optional.empty(); // no right to, or not there
    }
  }

  private static ConfigFile describe(Path file, String stored, boolean local) throws IOException {
    if (!local || !Files.isReadable(file)) {
      return new ConfigFile(
          file.toString(), stored, Optional.empty(), Optional.empty(), Optional.empty());
    }
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
    return new ConfigFile(
        file.toString(),
        stored,
        Optional.of(attributes.owner().getName()),
        Optional.of(attributes.group().getName()),
        Optional.of(PosixFilePermissions.toString(attributes.permissions())));
  }
}
