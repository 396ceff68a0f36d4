package io.prova.postgres;

import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a server tells about its cluster and about the role that asks.
///
/// @param settings the server's settings, as far as the role may see them; units as PostgreSQL
///   shows them
/// @param bootstrapSuperuser the role that `initdb` made, which every copy of the cluster has too
/// @param databases all of them, templates included, in order of their names
public record ClusterFacts(
    ServerVersion version,
    SystemIdentifier systemIdentifier,
    boolean inRecovery,
    Instant serverTime,
    Map<String, String> settings,
    String bootstrapSuperuser,
    Role role,
    List<Tablespace> tablespaces,
    List<Database> databases) {

  /// The role we are connected as.
  ///
  /// @param readsAllData superuser or member of pg_read_all_data
  /// @param monitors superuser or member of pg_monitor
  /// @param checkpoints whether it may ask for an immediate checkpoint
  public record Role(
      String name,
      boolean superuser,
      boolean replication,
      boolean bypassesRls,
      boolean createsDatabases,
      boolean readsAllData,
      boolean monitors,
      boolean checkpoints) {}

  /// A tablespace outside the data directory.
  public record Tablespace(long oid, String name, String location) {}

  public record Database(
      long oid,
      String name,
      String owner,
      String encoding,
      boolean template,
      boolean allowsConnections,
      long bytes) {

    /// Whether `initdb` makes it for others to be copied from. Templates that people have made hold
    /// data like any other database.
    public boolean isInitial() {
      return name.equals("template0") || name.equals("template1");
    }
  }

  /// A setting's value; empty where the role may not see it or this major does not have it.
  public Optional<String> setting(String name) {
    return Optional.ofNullable(settings.get(name)).filter(value -> !value.isEmpty());
  }

  public boolean dataChecksums() {
    return "on".equals(settings.get("data_checksums"));
  }

  public long walSegmentBytes() {
    return Long.parseLong(settings.getOrDefault("wal_segment_size", "16777216"));
  }

  /// Asks the server.
  public static ClusterFacts probe(PgSession session) {
    ServerVersion version =
        ServerVersion.ofNumber(
            (int) session.number("SELECT current_setting('server_version_num')::int"));
    Map<String, String> settings = new HashMap<>();
    session.query(
        "SELECT name, setting FROM pg_catalog.pg_settings",
        row -> settings.put(row.getString(1), row.getString(2)));
    return new ClusterFacts(
        version,
        systemIdentifier(session),
        session.yes("SELECT pg_catalog.pg_is_in_recovery()"),
        session.one(
            "SELECT pg_catalog.clock_timestamp()",
            row -> row.getObject(1, java.time.OffsetDateTime.class).toInstant()),
        settings,
        session.requiredText("SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10"),
        role(session, version),
        session.query(
            """
            SELECT oid, spcname, pg_catalog.pg_tablespace_location(oid) FROM pg_catalog.pg_tablespace
            WHERE pg_catalog.pg_tablespace_location(oid) <> '' ORDER BY spcname\
            """,
            row -> new Tablespace(row.getLong(1), row.getString(2), row.getString(3))),
        databases(session));
  }

  public static SystemIdentifier systemIdentifier(PgSession session) {
    return SystemIdentifier.parse(
        session.requiredText("SELECT system_identifier FROM pg_catalog.pg_control_system()"));
  }

  private static Role role(PgSession session, ServerVersion version) {
    String checkpoint =
        version.major() >= 15
            ? "pg_catalog.pg_has_role(current_user, 'pg_checkpoint', 'USAGE')"
            : "false";
    return session.one(
        """
        SELECT rolname, rolsuper, rolreplication OR rolsuper, rolbypassrls OR rolsuper, rolcreatedb OR rolsuper,
               rolsuper OR pg_catalog.pg_has_role(current_user, 'pg_read_all_data', 'USAGE'),
               rolsuper OR pg_catalog.pg_has_role(current_user, 'pg_monitor', 'USAGE'),
               rolsuper OR %s
        FROM pg_catalog.pg_roles WHERE rolname = current_user\
        """
            .formatted(checkpoint),
        row ->
            new Role(
                row.getString(1),
                row.getBoolean(2),
                row.getBoolean(3),
                row.getBoolean(4),
                row.getBoolean(5),
                row.getBoolean(6),
                row.getBoolean(7),
                row.getBoolean(8)));
  }

  private static List<Database> databases(PgSession session) {
    String query =
        """
        SELECT d.oid, d.datname, pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding),
               d.datistemplate, d.datallowconn, %s
        FROM pg_catalog.pg_database d ORDER BY d.datname COLLATE "C\"\
        """;
    try {
      return session.query(
          query.formatted("pg_catalog.pg_database_size(d.oid)"), ClusterFacts::database);
    } catch (SqlFailed e) {
      if (!e.isPrivilege()) {
        throw e;
      }
      return session.query(
          query.formatted("0"), ClusterFacts::database); // sizes are a comfort, not a need
    }
  }

  private static Database database(ResultSet row) throws SQLException {
    return new Database(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getBoolean(5),
        row.getBoolean(6),
        row.getLong(7));
  }
}
