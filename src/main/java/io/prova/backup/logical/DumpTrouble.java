package io.prova.backup.logical;

import static io.prova.base.Message.message;

import io.prova.base.Message;

/// What to do about the errors that pg_dump is known for.
final class DumpTrouble {

  private DumpTrouble() {}

  static Message hint(String complaint) {
    if (complaint.contains("row-level security") || complaint.contains("row security")) {
      return message(
          "A table has row-level security, and the role would see only a part of it: ALTER ROLE … BYPASSRLS; (prova check shows the statement).");
    }
    if (complaint.contains("permission denied")) {
      return message(
          "The role may not read everything: GRANT pg_read_all_data TO …; (prova check shows what is missing).");
    }
    if (complaint.contains("lock timeout") || complaint.contains("LOCK TABLE")) {
      return message(
          "Someone held a table locked for longer than `lock_wait`; find who with pg_stat_activity, or raise it.");
    }
    if (complaint.contains("No space left")) {
      return message("The disk is full. Nothing incomplete was kept, and nothing was removed.");
    }
    if (complaint.contains("server version mismatch")) {
      return message("Install the client programs of the server's major version.");
    }
    return message("The lines are pg_dump's own; the log has all of them.");
  }
}
