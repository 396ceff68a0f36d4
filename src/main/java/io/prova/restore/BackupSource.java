package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupContent;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Damage;
import io.prova.catalog.ProofRecord;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.StoredFingerprint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// A stored backup that something is restored from: nothing of it is used before every byte of it
/// was read and found as it was written.
public final class BackupSource {

  private static final int MOST_NAMED = 5;
  private static final int MOST_RECORDED = 100;

  private final Backup backup;
  private final Path directory;
  private final BackupContent content;

  private BackupSource(Backup backup, Path directory, BackupContent content) {
    this.backup = backup;
    this.directory = directory;
    this.content = content;
  }

  /// Reads every byte of the backup.
  ///
  /// @throws OperationFailed (DAMAGED) naming the files that are not as they were written; (KEY) if
  ///   it is encrypted and its key is not here
  public static BackupSource verified(RestoreContext context, Backup backup)
      throws IOException, InterruptedException {
    Consumer<Event> events = context.events();
    events.accept(new Event.StepStarted(message("verify {0}", backup.label().toString())));
    Path directory = context.repository().directory(backup);
    // Before hours of reading: whether the key is here.
    BackupContent content = BackupContent.open(directory, backup, context.keys());
    List<Damage> damage = new ArrayList<>();
    AtomicLong read = new AtomicLong();
    OptionalLong total = OptionalLong.of(backup.stored().bytes());
    BackupFiles.verify(
        directory,
        backup.checksums(),
        bytes -> events.accept(new Event.Progress(new ByteCount(read.addAndGet(bytes)), total)),
        damage::add);
    Damage.requireTested(damage);
    if (!damage.isEmpty()) {
      remember(context, backup, damage);
      // What is gone or changed before what is too much, which may only follow from it; before
      // all, the list that everything else is judged by.
      List<Message> named =
          damage.stream()
              .sorted(
                  Comparator.comparing((Damage each) -> !each.path().equals(BackupFiles.LAYOUT))
                      .thenComparing(Damage::kind))
              .limit(MOST_NAMED)
              .map(Damage::message)
              .toList();
      throw new OperationFailed(
          Failure.DAMAGED,
          message(
              "backup {0} is damaged ({1} {1|file|files}): {2}",
              backup.label().toString(), damage.size(), named),
          message(
              "It is not used. prova verify {0} names everything; prova recover takes the next best backup.",
              backup.label().toString()));
    }
    return new BackupSource(backup, directory, content);
  }

  /// What was found here counts against the backup from now on.
  private static void remember(RestoreContext context, Backup backup, List<Damage> damage)
      throws IOException {
    if (context.operation().equals(RestoreContext.DRY_RUN)) {
      return;
    }
    context
        .repository()
        .catalog()
        .addProof(
            new ProofRecord(
                CheckedJson.FORMAT,
                backup.label(),
                backup.id(),
                context.clock().instant(),
                context.operation(),
                "restore",
                Optional.empty(),
                damage.stream().limit(MOST_RECORDED).map(Damage::toString).toList(),
                Optional.empty()));
  }

  public Backup backup() {
    return backup;
  }

  /// Where a file is that is not sealed.
  public Path file(String relative) {
    return directory.resolve(relative);
  }

  /// What is in the files, opened where they are sealed.
  public BackupContent content() {
    return content;
  }

  /// The fingerprint of one database, if one was taken.
  public Optional<Fingerprint> fingerprint(String database) throws IOException {
    Optional<String> file =
        backup.logical().isPresent()
            ? backup.database(database).flatMap(Backup.DumpedDatabase::fingerprint)
            : backup.physical().map(physical -> physical.fingerprints().get(database));
    return file.isEmpty()
        ? Optional.empty()
        : Optional.of(content.readJson(file.get(), StoredFingerprint.class).fingerprint());
  }

  /// All fingerprints, by database.
  public Map<String, Fingerprint> fingerprints() throws IOException {
    List<String> databases =
        backup
            .logical()
            .map(logical -> logical.databases().stream().map(Backup.DumpedDatabase::name).toList())
            .orElseGet(() -> List.copyOf(backup.physical().orElseThrow().fingerprints().keySet()));
    Map<String, Fingerprint> all = new LinkedHashMap<>();
    for (String database : databases) {
      fingerprint(database).ifPresent(fingerprint -> all.put(database, fingerprint));
    }
    return all;
  }
}
