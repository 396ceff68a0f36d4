package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.backup.BackupContext;
import io.prova.backup.StoredName;
import io.prova.base.Event;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.base.TaskGroup;
import io.prova.catalog.CheckedJson;
import io.prova.engine.seal.Seal;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.Lsn;
import io.prova.postgres.connection.SqlFailed;
import io.prova.postgres.fingerprint.ChangedRelations;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.postgres.fingerprint.FingerprintSession;
import io.prova.postgres.fingerprint.StoredFingerprint;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The fingerprints of a cluster's databases, taken while its files are copied.
///
/// Connections are made before the copy begins; the snapshots are taken in the moment after the
/// backup's checkpoint ([#begin]), so that WAL of the backup itself tells which tables nobody wrote
/// to afterwards.
final class ClusterFingerprint implements AutoCloseable {

  /// Connections and snapshots held open at once; further databases are not fingerprinted, and say
  /// so.
  private static final int MOST_DATABASES = 20;

  /// What reading the backup's WAL may take; behind it no table counts as quiet.
  private static final Duration WAL_LIMIT = Duration.ofMinutes(30);

  private final BackupContext context;
  private final PhysicalPlan plan;
  private final Consumer<Message> warn;
  private final Map<String, FingerprintSession> sessions = new LinkedHashMap<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final AtomicBoolean beginFailed = new AtomicBoolean();
  private final TaskGroup group = TaskGroup.ofWaiters();
  private @Nullable Future<Map<String, Fingerprint>> measured;

  private ClusterFingerprint(BackupContext context, PhysicalPlan plan, Consumer<Message> warn) {
    this.context = context;
    this.plan = plan;
    this.warn = warn;
  }

  static ClusterFingerprint prepare(
      BackupContext context, PhysicalPlan plan, Consumer<Message> warn) {
    ClusterFingerprint prepared = new ClusterFingerprint(context, plan, warn);
    plan.fingerprint().ifPresent(prepared::connect);
    return prepared;
  }

  private void connect(FingerprintBudget budget) {
    for (ClusterFacts.Database database : plan.facts().databases()) {
      if (database.isInitial() || !database.allowsConnections()) {
        continue;
      }
      if (sessions.size() == MOST_DATABASES) {
        warn.accept(message("only the first {0} databases have a fingerprint", MOST_DATABASES));
        break;
      }
      try {
        sessions.put(
            database.name(),
            FingerprintSession.connect(context.connection().withDatabase(database.name())));
      } catch (OperationFailed e) {
        warn.accept(message("no fingerprint of database {0}: {1}", database.name(), e.problem()));
      }
    }
    measured = group.submit(() -> measure(budget));
  }

  /// Takes all snapshots; returns when they are taken, within milliseconds.
  void begin() {
    try {
      for (FingerprintSession session : sessions.values()) {
        session.begin(context.clock());
      }
    } catch (SqlFailed e) {
      beginFailed.set(true);
      warn.accept(
          message(
              "no fingerprint could be taken, so this backup cannot be proven: {0}",
              Problems.of(e)));
    } finally {
      begun.countDown();
    }
  }

  private Map<String, Fingerprint> measure(FingerprintBudget budget) throws InterruptedException {
    begun.await();
    Map<String, Fingerprint> taken = new LinkedHashMap<>();
    if (beginFailed.get()) {
      return taken;
    }
    sessions.values().forEach(FingerprintSession::lock);
    sessions.forEach((database, session) -> taken.put(database, session.measure(budget)));
    return taken;
  }

  private static final int MOST_CORRUPT = 20;

  /// The files that hold the fingerprints, and the rows they counted.
  ///
  /// @param corrupt tables that the server found damaged, and so the copy has them damaged
  record Stored(Map<String, String> files, Optional<Long> rows, List<Message> corrupt) {

    static final Stored NOTHING = new Stored(Map.of(), Optional.empty(), List.of());
  }

  /// Waits for the measuring, finds out which tables stayed quiet, and stores the fingerprints.
  ///
  /// @param seal for whom they are encrypted: they name every table
  Stored store(Path directory, Path dataDirectory, int timeline, Lsn stop, Optional<Seal> seal)
      throws IOException, InterruptedException {
    if (measured == null) {
      return Stored.NOTHING;
    }
    context.events().accept(new Event.StepStarted(message("fingerprints")));
    Map<String, Fingerprint> taken;
    try {
      taken = TaskGroup.join(measured);
    } catch (SqlFailed e) {
      warn.accept(
          message(
              "no fingerprint could be taken, so this backup cannot be proven: {0}",
              Problems.of(e)));
      return Stored.NOTHING;
    }
    Optional<Lsn> earliest =
        taken.values().stream().flatMap(each -> each.lsn().stream()).min(Lsn::compareTo);
    Optional<ChangedRelations> changed = changedSince(earliest, dataDirectory, timeline, stop);
    Map<String, String> files = new LinkedHashMap<>();
    List<Message> corrupt = new ArrayList<>();
    long rows = 0;
    for (Map.Entry<String, Fingerprint> each : taken.entrySet()) {
      FingerprintSession session = sessions.get(each.getKey());
      if (session == null) {
        continue;
      }
      Fingerprint complete =
          session.complete(
              each.getValue(), each.getValue().lsn().isPresent() ? changed : Optional.empty());
      byte[] content = CheckedJson.write(StoredFingerprint.of(complete));
      String file =
          StoredName.of(each.getKey())
              + ".fingerprint.json"
              + (seal.isPresent() ? Seal.SUFFIX : "");
      DurableFiles.putIfAbsent(
          directory.resolve(file), seal.isPresent() ? seal.get().seal(content) : content);
      files.put(each.getKey(), file);
      session
          .corrupt()
          .forEach((table, said) ->
              corrupt.add(
                  message(
                      "the server finds table {0} of database {1} damaged: {2}",
                      table.toString(), each.getKey(), said)));
      rows += complete.rows();
      context
          .events()
          .accept(
              new Event.Noted(
                  message(
                      "fingerprint of {0}: {1} tables, {2} rows, {3} s",
                      each.getKey(),
                      complete.tables().size(),
                      complete.rows(),
                      Double.toString(complete.seconds()))));
    }
    return new Stored(files, Optional.of(rows), corrupt.stream().limit(MOST_CORRUPT).toList());
  }

  private Optional<ChangedRelations> changedSince(
      Optional<Lsn> earliest, Path dataDirectory, int timeline, Lsn stop)
      throws IOException, InterruptedException {
    if (earliest.isEmpty() || plan.pgWaldump().isEmpty()) {
      return Optional.empty();
    }
    Optional<ChangedRelations> changed =
        ChangedRelations.between(
            plan.pgWaldump().get().program(),
            dataDirectory.resolve("pg_wal"),
            timeline,
            plan.facts().walSegmentBytes(),
            earliest.get(),
            stop,
            WAL_LIMIT,
            context.redactor());
    if (changed.isEmpty()) {
      warn.accept(
          message(
              "it could not be told which tables stayed quiet, so this backup's data cannot be compared exactly"));
    }
    return changed;
  }

  @Override
  public void close() {
    begun.countDown();
    sessions.values().forEach(FingerprintSession::abort);
    group.close();
  }
}
