package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.OperationFailed;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import java.util.List;

/// The mark on a database that is being loaded: a setting of its own, taken away in the transaction
/// that gives it its name. A marked database that nobody loads any more is what a killed restore
/// left, and can go.
final class LoadMark {

  /// A setting that PostgreSQL keeps and does not know.
  static final String NAME = "prova.loading";

  /// How the names of databases that are being loaded begin.
  static final String WORK_NAME = "prova_loading_";

  /// `FirstNormalObjectId` of PostgreSQL's `access/transam.h`.
  private static final int FIRST_OID_OF_USERS = 16_384;

  private LoadMark() {}

  /// @param server a superuser's connection to another database
  static void put(RestoreContext context, ConnectionSettings server, String database) {
    try (PgSession session = PgSession.connect(server)) {
      session.execute(
          "ALTER DATABASE %s SET %s TO %s"
              .formatted(PgSession.identifier(database), NAME, PgSession.literal(value(context))));
    } catch (OperationFailed | SqlFailed e) {
      // without it the database is only not removed by itself if we are killed
    }
  }

  /// Drops what killed restores of this repository left. The caller holds the repository's writer
  /// lock, so no restore of it runs.
  static void dropLeftovers(RestoreContext context, ConnectionSettings server) {
    try (PgSession session = PgSession.connect(server)) {
      List<String> left =
          session.query(
              """
              SELECT d.datname FROM pg_catalog.pg_database d
              JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0
              WHERE ? = ANY (s.setconfig) ORDER BY 1\
              """,
              row -> row.getString(1),
              NAME + "=" + value(context));
      for (String database : left) {
        session.execute(
            "DROP DATABASE IF EXISTS %s WITH (FORCE)".formatted(PgSession.identifier(database)));
        tell(context, database);
      }
      dropUnmarked(context, session, server);
    } catch (OperationFailed | SqlFailed e) {
      context
          .events()
          .accept(
              new Event.Warned(
                  message(
                      "databases that interrupted restores left cannot be dropped: {0}",
                      String.valueOf(e.getMessage()))));
    }
  }

  /// Killed between the creation of a database and its mark: it has our name and nothing in it.
  private static void dropUnmarked(
      RestoreContext context, PgSession session, ConnectionSettings server) {
    List<String> unmarked =
        session.query(
            """
            SELECT d.datname FROM pg_catalog.pg_database d
            WHERE pg_catalog.starts_with(d.datname::text, ?) AND d.datallowconn AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_db_role_setting s
              WHERE s.setdatabase = d.oid AND s.setrole = 0
                AND EXISTS (SELECT FROM pg_catalog.unnest(s.setconfig) c WHERE pg_catalog.starts_with(c, ?)))
            ORDER BY 1\
            """,
            row -> row.getString(1),
            WORK_NAME,
            NAME + "=");
    for (String database : unmarked) {
      boolean empty;
      try (PgSession inside = PgSession.connect(server.withDatabase(database))) {
        empty =
            inside.yes(
                "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid >= %d)"
                    .formatted(FIRST_OID_OF_USERS));
      }
      if (empty) {
        session.execute("DROP DATABASE IF EXISTS " + PgSession.identifier(database));
        tell(context, database);
      }
    }
  }

  private static void tell(RestoreContext context, String database) {
    context
        .events()
        .accept(new Event.Noted(message("removed what an interrupted run left: {0}", database)));
  }

  private static String value(RestoreContext context) {
    return context.repository().marker().id();
  }
}
