package io.prova.testing;

import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Compression;
import io.prova.catalog.DumpFormat;
import io.prova.catalog.Label;
import io.prova.catalog.Repository;
import io.prova.postgres.Lsn;
import io.prova.postgres.ServerVersion;
import io.prova.postgres.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Backups that no server made, for tests of what is done with them afterwards.
public final class BackupBuilder {

  public static final SystemIdentifier SYSTEM = SystemIdentifier.parse("7300000000000000001");

  private BackupKind kind = BackupKind.LOGICAL;
  private Instant started = Instant.parse("2026-11-22T05:00:00Z");
  private ZoneId zone = ZoneId.of("UTC");
  private long sequence = 1;
  private List<String> anomalies = List.of();

  public static BackupBuilder backup() {
    return new BackupBuilder();
  }

  public BackupBuilder kind(BackupKind wanted) {
    kind = wanted;
    return this;
  }

  public BackupBuilder started(Instant moment) {
    started = moment;
    return this;
  }

  public BackupBuilder zone(ZoneId wanted) {
    zone = wanted;
    return this;
  }

  public BackupBuilder sequence(long number) {
    sequence = number;
    return this;
  }

  public BackupBuilder anomalies(String... found) {
    anomalies = List.of(found);
    return this;
  }

  public Backup build() {
    return build(
        Label.at(started, zone, 1), "repository", new ByteCount(1), 1, new Digest("0".repeat(64)));
  }

  /// Writes and publishes it as a run does.
  public Backup publishIn(Repository repository) throws IOException, InterruptedException {
    Path incoming = repository.beginBackup(kind);
    Files.writeString(incoming.resolve("shop.sql"), "-- dump " + sequence + "\n");
    BackupFiles.Sealed sealed =
        BackupFiles.seal(incoming, path -> Optional.empty(), (path, digest) -> {}, bytes -> {});
    Backup backup =
        build(
            repository.newLabel(started, zone),
            repository.marker().id(),
            sealed.bytes(),
            sealed.files(),
            sealed.checksums());
    repository.publish(incoming, backup);
    return backup;
  }

  private Backup build(
      Label label, String repository, ByteCount stored, long files, Digest checksums) {
    return new Backup(
        CheckedJson.FORMAT,
        kind,
        label,
        "backup-" + sequence,
        repository,
        "main",
        SYSTEM,
        sequence,
        started,
        started,
        started.plus(Duration.ofMinutes(1)),
        "0.0.0-test",
        new Backup.Server(
            ServerVersion.parse("15.20"),
            "db1",
            "db1:5432",
            "postgres",
            false,
            Optional.empty(),
            Optional.empty(),
            Map.of()),
        Map.of(),
        stored,
        files,
        checksums,
        List.of(),
        List.of(),
        kind == BackupKind.LOGICAL
            ? Optional.of(
                new Backup.Logical(
                    DumpFormat.PLAIN, Compression.Method.NONE, "globals.sql", false, List.of()))
            : Optional.empty(),
        kind == BackupKind.PHYSICAL
            ? Optional.of(
                new Backup.Physical(
                    "pg_basebackup",
                    1,
                    Lsn.parse("0/2000028"),
                    Lsn.parse("0/2000100"),
                    16 << 20,
                    true,
                    List.of(),
                    Map.of(),
                    Optional.empty(),
                    Optional.empty()))
            : Optional.empty(),
        anomalies,
        List.of(),
        Optional.empty());
  }
}
