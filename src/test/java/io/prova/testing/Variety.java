package io.prova.testing;

import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A cluster full of what PostgreSQL can hold: every type and kind of object, and names that
/// programs trip over. What holds for it holds for anything a user has.
public final class Variety {

  /// The database that `variety.sql` fills.
  public static final String MAIN = "variety";

  /// With settings, grants and an owner of its own, in a tablespace.
  public static final String QUOTED = "a b\".\";drop";

  private static final String SQL_ASCII = "no encoding";
  private static final String LATIN1 = "latin1";
  private static final String ICU = "icu'locale";
  private static final String TEMPLATE = "template3";
  private static final String EMPTY = "empty";

  /// Names only; each database holds a table of the same name.
  private static final List<String> NAMED =
      List.of(
          "Ünïcode ção 🐘",
          "-leading",
          "postgresql://x",
          "two\nlines\r\tand a tab",
          "%s %n {0} $HOME `id` \\",
          "..",
          "name_of_63_bytes_012345678901234567890123456789012345678901abc");

  private Variety() {}

  /// All databases that were made, the maintenance database not among them.
  public static List<String> databases() {
    java.util.ArrayList<String> all =
        new java.util.ArrayList<>(List.of(MAIN, QUOTED, SQL_ASCII, LATIN1, ICU, TEMPLATE, EMPTY));
    all.addAll(NAMED);
    return all;
  }

  /// The tablespace's name, and where it lies in `cluster`.
  public static final String TABLESPACE = "outside";

  public static Path tablespace(PgCluster cluster) {
    return cluster.root().resolve("tablespace \"x\" ção %s");
  }

  public static void fill(PgCluster cluster) throws IOException, InterruptedException {
    roles(cluster);
    databases(cluster);
    psql(cluster, MAIN);
  }

  /// Only the tablespace, which a restore into another cluster asks for.
  public static void createTablespace(PgCluster cluster) throws IOException {
    Path place = cluster.directory(tablespace(cluster).getFileName().toString());
    cluster.sql(
        "postgres",
        "CREATE TABLESPACE outside OWNER clerk LOCATION " + PgSession.literal(place.toString()),
        "ALTER TABLESPACE outside SET (random_page_cost = 1.5)",
        "GRANT CREATE ON TABLESPACE outside TO auditor",
        "COMMENT ON TABLESPACE outside IS 'not in the data directory'");
  }

  private static void roles(PgCluster cluster) throws IOException {
    cluster.sql(
        "postgres",
        "CREATE ROLE clerk LOGIN PASSWORD 'se''cret' CONNECTION LIMIT 7 VALID UNTIL '2099-12-31 00:00+00'",
        "CREATE ROLE auditor NOLOGIN NOINHERIT",
        "CREATE ROLE \"Ana \"\"A\"\" Ünïcode\" LOGIN CREATEDB CREATEROLE BYPASSRLS",
        "CREATE ROLE \"new\nline; DROP\" NOLOGIN",
        "COMMENT ON ROLE clerk IS E'it''s\\n-- a clerk; \\\\ really'",
        "GRANT auditor TO clerk WITH ADMIN OPTION",
        "GRANT clerk, pg_signal_backend TO \"Ana \"\"A\"\" Ünïcode\"",
        "ALTER ROLE clerk SET search_path = \"$user\", public, 'a b\".\"; drop'",
        "ALTER ROLE clerk SET work_mem = '7MB'",
        "ALTER ROLE ALL SET lock_timeout = '5min'",
        "GRANT SET ON PARAMETER log_min_messages TO auditor");
    createTablespace(cluster);
  }

  private static void databases(PgCluster cluster) {
    String quoted = PgSession.identifier(QUOTED);
    cluster.sql(
        "postgres",
        "CREATE DATABASE " + MAIN,
        "CREATE DATABASE " + quoted + " OWNER clerk TABLESPACE outside CONNECTION LIMIT 17",
        "COMMENT ON DATABASE " + quoted + " IS E'it''s\\n-- quoted \\\\ \"so\"'",
        "ALTER DATABASE " + quoted + " SET search_path = 'a b\".\"; drop', public",
        "ALTER DATABASE " + quoted + " SET \"Own\".setting = E'x''y\\\\z\\nw'",
        "ALTER DATABASE " + quoted + " SET DateStyle = 'German, DMY'",
        "ALTER ROLE clerk IN DATABASE " + quoted + " SET TimeZone = 'America/Sao_Paulo'",
        "ALTER ROLE ALL IN DATABASE " + quoted + " SET statement_timeout = '10min'",
        "REVOKE ALL ON DATABASE " + quoted + " FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE " + quoted + " TO auditor WITH GRANT OPTION",
        create(SQL_ASCII, "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"),
        create(LATIN1, "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"),
        create(ICU, "LOCALE_PROVIDER icu ICU_LOCALE 'pt-BR'"),
        create(TEMPLATE, "IS_TEMPLATE true"),
        create(EMPTY, ""));
    cluster.sql(QUOTED, "CREATE TABLE t AS SELECT i AS \"a b\" FROM generate_series(1, 10) i");
    cluster.sql(SQL_ASCII, "CREATE TABLE t AS SELECT E'\\xff\\xe7'::text AS not_utf8");
    cluster.sql(LATIN1, "CREATE TABLE \"ação\" AS SELECT 'façade ÿ'::text AS ç");
    cluster.sql(ICU, "CREATE TABLE t AS SELECT unnest(ARRAY['b', 'Á', 'a']) AS word");
    cluster.sql(TEMPLATE, "CREATE TABLE from_template AS SELECT 1 AS one");
    for (String name : NAMED) {
      cluster.sql("postgres", create(name, ""));
      cluster.sql(name, "CREATE TABLE %s AS SELECT 1 AS one".formatted(PgSession.identifier(name)));
    }
  }

  private static String create(String name, String options) {
    return "CREATE DATABASE %s TEMPLATE template0 %s"
        .formatted(PgSession.identifier(name), options);
  }

  private static void psql(PgCluster cluster, String database)
      throws IOException, InterruptedException {
    Path script = cluster.root().resolve("variety.sql");
    try (InputStream in = Variety.class.getResourceAsStream("variety.sql")) {
      Files.copy(in, script);
    }
    cluster.run(
        "psql",
        List.of(
            "-X",
            "-q",
            "-o",
            "/dev/null",
            "-h",
            cluster.root().toString(),
            "-p",
            Integer.toString(cluster.port()),
            "-U",
            "postgres",
            "-d",
            database,
            "-f",
            script.toString()));
    Files.delete(script);
  }
}
