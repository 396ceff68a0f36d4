package io.prova.catalog;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import java.util.List;

/// One thing in a stored backup that is not as it was written.
///
/// @param path relative to the backup's directory
public record Damage(String path, Kind kind, Message detail) {

  private static final int MOST_NAMED = 5;

  public enum Kind {
    MISSING,
    CHANGED,
    UNREADABLE,
    EXTRA,
    /// We may not read it, so nothing is known.
    DENIED
  }

  /// Nothing is wrong with what could be read, but not everything could.
  ///
  /// @throws OperationFailed (PRIVILEGE) naming what may not be read
  public static void requireTested(List<Damage> all) {
    if (all.isEmpty() || all.stream().anyMatch(each -> each.kind != Kind.DENIED)) {
      return;
    }
    throw new OperationFailed(
        Failure.PRIVILEGE,
        Message.message(
            "{0} {0|file|files} of the backup may not be read by this user: {1}",
            all.size(), all.stream().limit(MOST_NAMED).map(Damage::path).toList()),
        Message.message(
            "Nothing is known of them, so the backup is neither whole nor damaged. Run this as the repository's owner."));
  }

  public Message message() {
    return Message.message("{0}: {1}", path, detail);
  }

  @Override
  public String toString() {
    return message().toString();
  }
}
