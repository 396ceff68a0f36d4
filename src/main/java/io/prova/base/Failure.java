package io.prova.base;

/// The kinds of failure a user can meet, each with the exit code that scripts may rely on.
///
/// Codes are never reused or renumbered: `docs/exit-codes.md` is the promise, this is where it is
/// kept.
public enum Failure {
  CONFIG(10),
  CONNECTION(11),
  TOOLS(12),
  REPOSITORY(13),
  BUSY(14),
  SPACE(15),
  CLUSTER_MISMATCH(16),
  NOT_FOUND(17),
  PRIVILEGE(18),
  KEY(19),
  BACKUP_FAILED(20),
  SUSPICIOUS(21),
  DAMAGED(30),
  RESTORE_REFUSED(31),
  RESTORE_FAILED(32),
  VALIDATION_FAILED(33),
  RECOVERY_FAILED(34),
  DRILL_FAILED(40),
  DRILL_NOT_TESTED(41),
  RETENTION_HELD(50),
  ALERT_FAILED(60),
  JOURNAL_DAMAGED(61),
  USAGE(64),
  INTERNAL(70),
  INTERRUPTED(130);

  private final int exitCode;

  Failure(int exitCode) {
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
