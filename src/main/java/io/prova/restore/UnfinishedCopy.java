package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.DamagedException;
import io.prova.catalog.Label;
import io.prova.catalog.UnknownFormatException;
import io.prova.postgres.ServiceControl;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// What marks a copy as unfinished until it is complete and validated: a file that says so in each
/// of its directories, and a configuration under a name that PostgreSQL does not know. A copy that
/// was cut off cannot be started by accident, and the next restore to the same place may remove it.
final class UnfinishedCopy {

  private static final String MARK = "prova.unfinished";
  private static final String CONFIGURATION = "postgresql.conf";
  private static final String CONFIGURATION_PENDING = "postgresql.conf.prova";
  private static final String CONTROL_FILE = "global/pg_control";

  /// A server that validated the copy ends with the restore that was killed, but not at once.
  private static final int ATTEMPTS_TO_SEE_IT_ENDED = 100;

  private UnfinishedCopy() {}

  /// The mark.
  record Mark(int format, String repository, Label label, String operation, Instant started) {}

  /// Whether `directory` holds what a killed restore from this repository left: marked, and not
  /// startable. (Marked and startable is a copy that lacks only the removal of its mark.)
  static boolean isLeft(RestoreContext context, Path directory) throws IOException {
    try {
      Mark mark = CheckedJson.read(directory.resolve(MARK), Mark.class);
      return mark.repository().equals(context.repository().marker().id())
          && !(Files.exists(directory.resolve(CONTROL_FILE))
              && Files.exists(directory.resolve(CONFIGURATION)));
    } catch (NoSuchFileException e) {
      return holdsOnlyHalfAMark(directory);
    } catch (DamagedException | UnknownFormatException e) {
      return false; // somebody else's, as far as we can tell
    }
  }

  /// A kill may come before the mark has its name.
  private static boolean holdsOnlyHalfAMark(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> children = Files.list(directory)) {
      List<Path> found = children.toList();
      return !found.isEmpty()
          && found.stream()
              .allMatch(child ->
                  child.getFileName().toString().matches("\\.tmp-[0-9]+-prova\\.unfinished"));
    }
  }

  /// Empties `directory` of what a killed restore left, if it holds such. The caller holds the
  /// repository's writer lock, so nobody works on it.
  static void remove(RestoreContext context, Path directory)
      throws IOException, InterruptedException {
    if (!isLeft(context, directory)) {
      return;
    }
    for (int i = 0; ServiceControl.postmasterPid(directory).isPresent(); i++) {
      if (i == ATTEMPTS_TO_SEE_IT_ENDED) {
        throw new OperationFailed(
            Failure.RESTORE_REFUSED,
            message("a server runs on the unfinished copy in {0}", directory),
            message("Stop it, or restore to another directory."));
      }
      Thread.sleep(100);
    }
    empty(directory);
    context
        .events()
        .accept(new Event.Noted(message("removed what an interrupted run left: {0}", directory)));
  }

  /// The mark goes last: until then it is known what this is.
  static void empty(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        if (!child.getFileName().toString().equals(MARK)) {
          DurableFiles.deleteTree(child);
        }
      }
    }
    Files.deleteIfExists(directory.resolve(MARK));
  }

  /// Marks an empty directory that is going to be filled.
  static void begin(RestoreContext context, Path directory, Label label) throws IOException {
    DurableFiles.putIfAbsent(
        directory.resolve(MARK),
        CheckedJson.write(
            new Mark(
                CheckedJson.FORMAT,
                context.repository().marker().id(),
                label,
                context.operation(),
                context.clock().instant())));
  }

  /// Hides the configuration, without which no server starts there.
  static void hold(Path dataDirectory) throws IOException {
    rename(dataDirectory, CONFIGURATION, CONFIGURATION_PENDING);
  }

  /// The copy is complete.
  static void finish(Path dataDirectory, Iterable<Path> tablespaces) throws IOException {
    rename(dataDirectory, CONFIGURATION_PENDING, CONFIGURATION);
    for (Path place : tablespaces) {
      Files.deleteIfExists(place.resolve(MARK));
      DurableFiles.syncDirectory(place);
    }
    Files.deleteIfExists(dataDirectory.resolve(MARK));
    DurableFiles.syncDirectory(dataDirectory);
  }

  private static void rename(Path directory, String from, String to) throws IOException {
    if (Files.exists(directory.resolve(from))) {
      Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.syncDirectory(directory);
    }
  }
}
