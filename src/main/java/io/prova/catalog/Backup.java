package io.prova.catalog;

import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.journal.Anchor;
import io.prova.postgres.Lsn;
import io.prova.postgres.ServerVersion;
import io.prova.postgres.SystemIdentifier;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// `backup.json`: the small record that makes a backup exist. Written last, created once, never
/// changed. What becomes known later (proof, pins) is kept in objects of its own.
///
/// @param id unique for ever; proofs and evidence refer to it, since a label could come again after
///   years
/// @param repository the repository's id
/// @param sequence counts the backups of a repository, without gaps going back: the order, whatever
///   clocks say
/// @param consistentAt the moment whose data a restore gives back
/// @param stored what the backup occupies
/// @param checksums the SHA-256 of `SHA256SUMS`, which covers every other file
/// @param anomalies why this backup, though whole, is not trusted to replace older ones
/// @param journal the end of the journal when the backup was made, so that a truncated journal is
///   noticed
public record Backup(
    int format,
    BackupKind kind,
    Label label,
    String id,
    String repository,
    String cluster,
    SystemIdentifier systemIdentifier,
    long sequence,
    Instant started,
    Instant consistentAt,
    Instant finished,
    String provaVersion,
    Server server,
    Map<String, ServerVersion> tools,
    ByteCount stored,
    long files,
    Digest checksums,
    List<ConfigFile> configFiles,
    List<ConfigDirectory> configDirectories,
    Optional<Logical> logical,
    Optional<Physical> physical,
    List<String> anomalies,
    List<String> warnings,
    Optional<Anchor> journal) {

  public Backup {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(systemIdentifier, "system_identifier");
    Objects.requireNonNull(consistentAt, "consistent_at");
    Objects.requireNonNull(finished, "finished");
    Objects.requireNonNull(checksums, "checksums");
    tools = tools == null ? Map.of() : tools;
    configFiles = configFiles == null ? List.of() : configFiles;
    configDirectories = configDirectories == null ? List.of() : configDirectories;
    anomalies = anomalies == null ? List.of() : anomalies;
    warnings = warnings == null ? List.of() : warnings;
    if ((kind == BackupKind.LOGICAL) != logical.isPresent()
        || (kind == BackupKind.PHYSICAL) != physical.isPresent()) {
      throw new IllegalArgumentException("a " + kind + " backup needs exactly its own part");
    }
  }

  /// Where the data came from.
  ///
  /// @param host the machine's name, or how it was reached
  /// @param superuser the role that `initdb` made
  /// @param dataDirectory where the data directory was, where the role may see that
  /// @param owner the operating-system user whom it belonged to, where that could be seen
  /// @param settings those that recovery needs, and those that say where things were
  public record Server(
      ServerVersion version,
      String host,
      String endpoint,
      String superuser,
      boolean standby,
      Optional<String> dataDirectory,
      Optional<String> owner,
      Map<String, String> settings) {

    public Server {
      settings = settings == null ? Map.of() : settings;
    }

    public Optional<String> setting(String name) {
      return Optional.ofNullable(settings.get(name));
    }
  }

  /// @param globals the file with roles and tablespaces
  /// @param rolePasswords whether that file holds the roles' password hashes
  public record Logical(
      DumpFormat dumpFormat,
      Compression.Method compression,
      String globals,
      boolean rolePasswords,
      List<DumpedDatabase> databases) {}

  /// @param file the dump, relative to the backup's directory
  /// @param createScript the file that creates the database with its properties, settings and
  ///   grants
  /// @param fingerprint its fingerprint's file; absent where none was taken
  /// @param bytes of the dump before compression
  /// @param tables how many the fingerprint saw
  /// @param rows how many they held together
  public record DumpedDatabase(
      String name,
      String file,
      String createScript,
      Optional<String> fingerprint,
      ByteCount bytes,
      ByteCount stored,
      Optional<Long> tables,
      Optional<Long> rows,
      double seconds) {}

  /// @param method `pg_basebackup`: a plain directory; `local`: packs
  /// @param fingerprints database name to file
  /// @param rows how many all fingerprints counted
  /// @param packed where and how the files are packed; absent for a plain directory
  public record Physical(
      String method,
      int timeline,
      Lsn startLsn,
      Lsn stopLsn,
      long walSegmentBytes,
      boolean dataChecksums,
      List<StoredTablespace> tablespaces,
      Map<String, String> fingerprints,
      Optional<Long> rows,
      Optional<Packed> packed) {}

  /// The files of a physical backup in packs.
  ///
  /// @param manifest the file that lists them, relative to the backup's directory
  /// @param packs how many there are
  /// @param files how many are in them
  /// @param bytes of these files
  /// @param badPages how many pages had a wrong checksum on the server
  /// @param encryption absent where nothing is sealed
  public record Packed(
      String manifest,
      int packs,
      long files,
      ByteCount bytes,
      long badPages,
      Optional<Encryption> encryption) {}

  /// How the files whose names end in `.age` are sealed.
  ///
  /// @param recipients the public keys of those who can read them
  public record Encryption(String format, List<String> recipients) {

    public static final String AGE = "age";

    public Encryption {
      Objects.requireNonNull(format, "format");
      recipients = recipients == null ? List.of() : List.copyOf(recipients);
    }
  }

  /// @param location where it was
  /// @param stored where it is, relative to the backup's directory
  public record StoredTablespace(long oid, String name, String location, String stored) {}

  /// A configuration file that lay outside the data directory.
  ///
  /// @param path where it was
  /// @param stored where it is, relative to the backup's directory
  public record ConfigFile(
      String path,
      String stored,
      Optional<String> owner,
      Optional<String> group,
      Optional<String> mode) {}

  /// A directory of the configuration: the server refuses to start without one that it is told to
  /// read, even an empty one.
  public record ConfigDirectory(
      String path, Optional<String> owner, Optional<String> group, Optional<String> mode) {}

  public Optional<Encryption> encryption() {
    return physical.flatMap(Physical::packed).flatMap(Packed::encryption);
  }

  public Optional<DumpedDatabase> database(String name) {
    return logical.stream()
        .flatMap(part -> part.databases().stream())
        .filter(each -> each.name().equals(name))
        .findFirst();
  }
}
