package io.prova.backup;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Listing;
import io.prova.catalog.Repository;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.ServerVersion;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// A backup that is being made, in a directory that no listing shows. [#publish] makes it exist;
/// closed before that, nothing is left of it.
public final class NewBackup implements AutoCloseable {

  private final BackupContext context;
  private final BackupKind kind;
  private final FileLock lock;
  private final Path directory;
  private final Instant started;
  private final AtomicLong written = new AtomicLong();
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

  /// What is known of the backup besides its files.
  public record Content(
      ClusterFacts facts,
      Map<String, ServerVersion> tools,
      Instant consistentAt,
      Optional<Backup.Logical> logical,
      Optional<Backup.Physical> physical,
      List<String> anomalies,
      List<String> warnings) {}

  /// A last condition, checked when all else is done and before anything is visible.
  @FunctionalInterface
  public interface Condition {
    void require() throws IOException, InterruptedException;
  }

  /// Binds every byte by digest, makes everything durable, and publishes.
  ///
  /// @param known digests that were computed while writing
  /// @param condition fails where the backup must not be published
  public Backup publish(Content content, BackupFiles.KnownDigests known, Condition condition)
      throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("digests of every file")));
    written.set(0);
    BackupFiles.Sealed sealed =
        BackupFiles.seal(directory, known, bytes -> progress(bytes, OptionalLong.empty()));
    DurableFiles.syncDirectory(directory);
    condition.require();

    Repository repository = context.repository();
    Listing listing = repository.catalog().list();
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
            new Backup.Server(
                facts.version(),
                context.connection().endpoints().getFirst().host(),
                context.connection().toString(),
                facts.bootstrapSuperuser(),
                facts.inRecovery()),
            content.tools,
            sealed.bytes(),
            sealed.files(),
            sealed.checksums(),
            content.logical,
            content.physical,
            List.copyOf(content.anomalies),
            List.copyOf(content.warnings),
            context.anchor());
    context
        .events()
        .accept(new Event.StepStarted(message("publish {0}", backup.label().toString())));
    repository.publish(directory, backup);
    published = true;
    return backup;
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
