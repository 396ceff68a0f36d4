package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.base.Message;

/// What to do about the errors that pg_basebackup is known for.
final class CopyTrouble {

  private CopyTrouble() {}

  static Message hint(String complaint) {
    if (complaint.contains("no pg_hba.conf entry for replication")) {
      return message(
          "Add the replication line to pg_hba.conf and reload; prova init --dry-run shows it.");
    }
    if (complaint.contains("must be superuser or replication role")
        || complaint.contains("permission denied to start WAL sender")) {
      return message("As a superuser: ALTER ROLE … REPLICATION;");
    }
    if (complaint.contains("max_wal_senders")) {
      return message("All WAL senders are taken; raise max_wal_senders or end idle ones.");
    }
    if (complaint.contains("No space left")) {
      return message("The disk is full. Nothing incomplete was kept, and nothing was removed.");
    }
    if (complaint.contains("is not empty")) {
      return message("A tablespace was created while the backup began; take the backup again.");
    }
    return message("The lines are pg_basebackup's own; the log has all of them.");
  }
}
