package io.prova.postgres.connection;

import java.sql.SQLException;
import java.util.Objects;

/// The server refused or broke off a statement.
public final class SqlFailed extends RuntimeException {

  private final String sqlState;

  SqlFailed(SQLException cause) {
    super(Objects.requireNonNullElse(cause.getMessage(), "no message"), cause);
    this.sqlState = Objects.requireNonNullElse(cause.getSQLState(), "");
  }

  /// PostgreSQL's five-character error code, empty where there is none.
  public String sqlState() {
    return sqlState;
  }

  public boolean isPrivilege() {
    return sqlState.equals("42501");
  }

  public boolean isLockNotAvailable() {
    return sqlState.equals("55P03");
  }

  /// The relation, function or schema is not there (any more).
  public boolean isUndefined() {
    return sqlState.equals("42P01")
        || sqlState.equals("42883")
        || sqlState.equals("3F000")
        || sqlState.equals("42704");
  }

  /// The server found its own files damaged, or cannot read them.
  public boolean isCorruption() {
    return sqlState.equals("XX001") || sqlState.equals("XX002") || sqlState.equals("58030");
  }

  public boolean isConnectionLost() {
    return sqlState.startsWith("08") || sqlState.startsWith("57P");
  }
}
