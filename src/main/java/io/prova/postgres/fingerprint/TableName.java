package io.prova.postgres.fingerprint;

import io.prova.postgres.connection.PgSession;

/// A table's (or sequence's) schema and name.
public record TableName(String schema, String name) implements Comparable<TableName> {

  /// Quoted for SQL.
  public String sql() {
    return PgSession.identifier(schema) + "." + PgSession.identifier(name);
  }

  @Override
  public int compareTo(TableName other) {
    int bySchema = schema.compareTo(other.schema);
    return bySchema != 0 ? bySchema : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return schema + "." + name;
  }
}
