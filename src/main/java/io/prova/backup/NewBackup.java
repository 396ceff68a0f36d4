package io.prova.backup;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Message;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Listing;
import io.prova.catalog.Repository;
import io.prova.engine.seal.Seal;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.ServerVersion;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import io.prova.storage.Inherited;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// A backup that is being made, in a directory that no listing shows. [#publish] makes it exist;
/// closed before that, nothing is left of it.
public final class NewBackup implements AutoCloseable {

  /// Settings that a restored server needs as high as the original's, or that say where things
  /// were.
  private static final List<String> KEPT_SETTINGS =
      List.of(
          "archive_mode",
          "data_checksums",
          "cluster_name",
          "config_file",
          "data_directory_mode",
          "external_pid_file",
          "hba_file",
          "ident_file",
          "max_connections",
          "max_locks_per_transaction",
          "max_prepared_transactions",
          "max_wal_senders",
          "max_worker_processes",
          "port",
          "shared_preload_libraries",
          "track_commit_timestamp",
          "unix_socket_directories",
          "wal_level");

  private final BackupContext context;
  private final BackupKind kind;
  private final FileLock lock;
  private final Path directory;
  private final Instant started;
  private final AtomicLong written = new AtomicLong();
  private final List<String> anomalies = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private ConfigFiles.Copied config = new ConfigFiles.Copied(List.of(), List.of());
  private boolean published;

  private NewBackup(BackupContext context, BackupKind kind, FileLock lock, Path directory) {
    this.context = context;
    this.kind = kind;
    this.lock = lock;
    this.directory = directory;
    this.started = context.clock().instant();
  }

  /// Takes the repository's writer lock, sweeps what killed runs left, and begins.
  public static NewBackup begin(BackupContext context, BackupKind kind) throws IOException {
    Repository repository = context.repository();
    FileLock lock =
        repository.lockForWriting(
            "backup, operation " + context.operation() + ", pid " + ProcessHandle.current().pid());
    try {
      for (Path leftover : repository.sweep()) {
        context
            .events()
            .accept(
                new Event.Noted(message("removed what an interrupted run left: {0}", leftover)));
      }
      repository.keepReserve();
      return new NewBackup(context, kind, lock, repository.beginBackup(kind));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  public Path directory() {
    return directory;
  }

  /// Tells that so many more bytes were dealt with in the current step.
  public void progress(long bytes, OptionalLong total) {
    context.events().accept(new Event.Progress(new ByteCount(written.addAndGet(bytes)), total));
  }

  /// Records and tells what is not as it should be, but does not hinder.
  public void warn(Message warning) {
    warnings.add(warning.toString());
    context.events().accept(new Event.Warned(warning));
  }

  /// Records and tells why this backup, though whole, looks wrong.
  public void suspect(Message anomaly) {
    anomalies.add(anomaly.toString());
    context.events().accept(new Event.Warned(anomaly));
  }

  /// Copies the configuration files that lie outside the data directory: with them even a logical
  /// backup can rebuild a cluster that is gone altogether.
  ///
  /// @param seal for whom they are encrypted
  public void copyConfigFiles(ClusterFacts facts, Optional<Seal> seal) throws IOException {
    try (PgSession session = PgSession.connect(context.connection())) {
      config =
          ConfigFiles.copy(
              session,
              facts,
              context.connection().endpoints().getFirst(),
              directory,
              kind
                  == BackupKind
                      .LOGICAL, // a physical backup has those in the data directory already
              seal,
              this::warn);
    }
  }

  /// What is known of the backup besides its files.
  public record Content(
      ClusterFacts facts,
      Map<String, ServerVersion> tools,
      Instant consistentAt,
      Optional<Backup.Logical> logical,
      Optional<Backup.Physical> physical) {}

  /// A last condition, checked when all else is done and before anything is visible.
  @FunctionalInterface
  public interface Condition {
    void require() throws IOException, InterruptedException;
  }

  /// Binds every byte by digest, makes everything durable, and publishes.
  ///
  /// @param known digests that were computed while writing
  /// @param listener hears every file's digest
  /// @param condition fails where the backup must not be published
  public Backup publish(
      Content content,
      BackupFiles.KnownDigests known,
      BackupFiles.DigestListener listener,
      Condition condition)
      throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("digests of every file")));
    written.set(0);
    BackupFiles.Sealed sealed =
        BackupFiles.seal(
            directory, known, listener, bytes -> progress(bytes, OptionalLong.empty()));
    Inherited.ownerOfTree(directory); // what PostgreSQL's programs wrote, too
    DurableFiles.syncDirectory(directory);
    condition.require();

    Repository repository = context.repository();
    Listing listing = repository.catalog().list();
    Anomalies.clockSetBack(listing, started).ifPresent(this::suspect);
    ClusterFacts facts = content.facts;
    Backup backup =
        new Backup(
            CheckedJson.FORMAT,
            kind,
            repository.newLabel(started, context.zone()),
            UUID.randomUUID().toString(),
            repository.marker().id(),
            context.cluster(),
            facts.systemIdentifier(),
            repository.nextSequence(listing),
            started,
            content.consistentAt,
            context.clock().instant(),
            context.provaVersion(),
            server(facts),
            content.tools,
            sealed.bytes(),
            sealed.files(),
            sealed.checksums(),
            config.files(),
            config.directories(),
            content.logical,
            content.physical,
            List.copyOf(anomalies),
            List.copyOf(warnings),
            context.anchor());
    context
        .events()
        .accept(new Event.StepStarted(message("publish {0}", backup.label().toString())));
    repository.publish(directory, backup);
    published = true;
    return backup;
  }

  private Backup.Server server(ClusterFacts facts) {
    Map<String, String> settings = new LinkedHashMap<>();
    KEPT_SETTINGS.forEach(
        name -> facts.setting(name).ifPresent(value -> settings.put(name, value)));
    return new Backup.Server(
        facts.version(),
        context.connection().endpoints().getFirst().host(),
        context.connection().toString(),
        facts.bootstrapSuperuser(),
        facts.inRecovery(),
        facts.setting("data_directory"),
        dataDirectoryOwner(facts),
        settings);
  }

  private Optional<String> dataDirectoryOwner(ClusterFacts facts) {
    Optional<Path> dataDirectory = facts.setting("data_directory").map(Path::of);
    boolean visible =
        context.connection().endpoints().getFirst().isLocal()
            && dataDirectory.filter(Files::isDirectory).isPresent();
    if (!visible) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Files.readAttributes(dataDirectory.get(), PosixFileAttributes.class).owner().getName());
    } catch (IOException e) {
      return Optional.empty(); // a comfort for the restore, not a need
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (!published) {
        DurableFiles.deleteTree(directory);
      }
    } finally {
      lock.close();
    }
  }
}
