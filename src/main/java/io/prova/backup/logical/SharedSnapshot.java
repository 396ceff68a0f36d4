package io.prova.backup.logical;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.Problems;
import io.prova.base.TaskGroup;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.postgres.fingerprint.FingerprintSession;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One snapshot of one database, in which pg_dump and the fingerprint read side by side.
///
/// The fingerprint waits for [#release], which is called when pg_dump has its locks. Before that it
/// would be in the way: a DDL that waits for our lock would make pg_dump wait behind it.
final class SharedSnapshot implements AutoCloseable {

  private final FingerprintSession fingerprintSession;
  private final PgSession session;
  private final String id;
  private final CountDownLatch released = new CountDownLatch(1);
  private final TaskGroup group = TaskGroup.ofWaiters();
  private @Nullable Future<Fingerprint> fingerprint;

  private SharedSnapshot(FingerprintSession fingerprintSession, PgSession session) {
    this.fingerprintSession = fingerprintSession;
    this.session = session;
    this.id = fingerprintSession.exportSnapshot();
  }

  static SharedSnapshot open(ConnectionSettings connection, InstantSource clock) {
    PgSession session = PgSession.connect(connection);
    FingerprintSession fingerprintSession = null;
    try {
      fingerprintSession = FingerprintSession.connect(connection);
      fingerprintSession.begin(clock);
      return new SharedSnapshot(fingerprintSession, session);
    } catch (RuntimeException e) {
      if (fingerprintSession != null) {
        fingerprintSession.close();
      }
      session.close();
      throw e;
    }
  }

  /// For `pg_dump --snapshot`.
  String id() {
    return id;
  }

  /// A session outside of the snapshot's transaction.
  PgSession session() {
    return session;
  }

  void fingerprintWhenReleased(FingerprintBudget budget) {
    fingerprint = group.submit(() -> take(budget));
  }

  private Fingerprint take(FingerprintBudget budget) throws InterruptedException {
    released.await();
    fingerprintSession.lock();
    return fingerprintSession.measure(budget);
  }

  void release() {
    released.countDown();
  }

  /// Releases as soon as a file appears in `directory`, which pg_dump will create.
  void releaseWhenWritten(Path directory) {
    var _ =
        group.submit(() -> {
          while (released.getCount() > 0) {
            if (Files.isDirectory(directory) && hasFile(directory)) {
              release();
            }
            Thread.sleep(20);
          }
          return null;
        });
  }

  private static boolean hasFile(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      return files.iterator().hasNext();
    }
  }

  /// The fingerprint, with sequences read once more now that pg_dump is done. A fingerprint that
  /// cannot be taken costs the backup its proof, not its existence: then it is a warning.
  Optional<Fingerprint> fingerprint(Consumer<Message> warn)
      throws IOException, InterruptedException {
    release();
    if (fingerprint == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          fingerprintSession.complete(TaskGroup.join(fingerprint), Optional.empty()));
    } catch (SqlFailed e) {
      warn.accept(
          message(
              "no fingerprint could be taken, so this backup cannot be proven: {0}",
              Problems.of(e)));
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    fingerprintSession.abort(); // a query that still runs is of no use any more
    group.close();
    session.close();
  }
}
