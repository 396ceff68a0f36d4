package io.prova.app;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.DamagedException;
import io.prova.catalog.UnknownFormatException;
import io.prova.postgres.connection.SqlFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.util.Map;

/// What an exception means to the user, wherever it shows: the exit code, the message, what to do.
public final class Trouble {

  private Trouble() {}

  /// @param e anything but an interrupt, which is no failure
  public static OperationFailed of(Throwable e) {
    return switch (e) {
      case OperationFailed failed -> failed;
      case SqlFailed sql ->
          new OperationFailed(
              sql.isPrivilege() ? Failure.PRIVILEGE : Failure.CONNECTION,
              message("PostgreSQL refused: {0}", String.valueOf(sql.getMessage())),
              message("prova check says which rights are missing."),
              sql);
      case IOException io -> of(io);
      case UncheckedIOException io when io.getCause() != null -> of(io.getCause());
      case OutOfMemoryError memory ->
          new OperationFailed(
              Failure.INTERNAL,
              message("out of memory: {0}", String.valueOf(memory.getMessage())),
              message("Give it more, for example PROVA_JAVA_OPTS=-Xmx1g."),
              memory);
      default ->
          new OperationFailed(
              Failure.INTERNAL,
              message("internal error: {0}", e.toString()),
              message("Please report it, with PROVA_TRACE=1 set for the details."),
              e);
    };
  }

  /// Java tells the kernel's errors by their text only.
  private static OperationFailed of(IOException e) {
    switch (e) {
      case DamagedException damaged -> {
        return new OperationFailed(
            Failure.DAMAGED,
            damaged.problem(),
            message(
                "It is not used, and nothing was changed. prova verify names everything that is damaged."),
            e);
      }
      case UnknownFormatException unknown -> {
        return new OperationFailed(
            Failure.REPOSITORY,
            unknown.problem(),
            message("It is not damaged. Install the newer version to use it."),
            e);
      }
      case AccessDeniedException denied -> {
        return new OperationFailed(
            Failure.PRIVILEGE,
            Problems.of(denied),
            message("Run this command as root or as the owner of that file."),
            e);
      }
      default -> {}
    }
    String said = String.valueOf(e.getMessage());
    for (Map.Entry<String, OperationFailed> known : known(e).entrySet()) {
      if (said.contains(known.getKey())) {
        return known.getValue();
      }
    }
    return new OperationFailed(
        Failure.INTERNAL,
        Problems.of(e),
        message("Please report it, with PROVA_TRACE=1 set for the details."),
        e);
  }

  private static Map<String, OperationFailed> known(IOException e) {
    String said = e.toString();
    return Map.of(
        "No space left on device",
        new OperationFailed(
            Failure.SPACE,
            message("the disk is full: {0}", said),
            message(
                "df -h and df -i tell which disk has no room or no file numbers left; prova expire --dry-run what could go."),
            e),
        "Disk quota exceeded",
        new OperationFailed(
            Failure.SPACE,
            message("the disk quota is used up: {0}", said),
            message("Raise the quota, or make room: prova expire --dry-run shows what could go."),
            e),
        "File too large",
        new OperationFailed(
            Failure.SPACE,
            message("a file may not grow so large here: {0}", said),
            message("Raise the limit (ulimit -f), or use a file system that has none."),
            e),
        "Read-only file system",
        new OperationFailed(
            Failure.REPOSITORY,
            message("the file system is read-only: {0}", said),
            message(
                "The kernel does that when a disk fails: look at dmesg, then mount it again for writing."),
            e),
        "Input/output error",
        new OperationFailed(
            Failure.REPOSITORY,
            message("the disk fails: {0}", said),
            message(
                "Look at its health (dmesg). What was being written is not counted; prova verify reads the rest."),
            e),
        "Too many open files",
        new OperationFailed(
            Failure.INTERNAL,
            message("too few files may be open at once: {0}", said),
            message("Raise the limit: ulimit -n 1024, or LimitNOFILE in the systemd unit."),
            e));
  }
}
