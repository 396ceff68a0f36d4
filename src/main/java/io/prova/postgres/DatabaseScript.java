package io.prova.postgres;

import io.prova.postgres.connection.PgSession;
import java.util.List;

/// Writes the SQL that creates a database as it was: encoding, locale, owner, limits, settings,
/// grants. A dump of its content does not hold these.
///
/// The statements use `:"database"` for the name, so that psql can create it under another one.
public final class DatabaseScript {

  private DatabaseScript() {}

  public static String of(PgSession session, String database, ServerVersion version) {
    StringBuilder script = new StringBuilder();
    script.append("-- How database ").append(comment(database)).append(" was created. Use with:\n");
    script.append("--   psql -d postgres -v database=NAME -f THIS_FILE\n");
    script.append("SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n");
    script.append(session.requiredText(createStatement(version), database)).append('\n');
    for (String query : List.of(PROPERTIES, SETTINGS, GRANTS)) {
      session.query(query, row -> script.append(row.getString(1)).append('\n'), database);
    }
    return script.toString();
  }

  private static String comment(String name) {
    return name.replace('\n', ' ').replace('\r', ' ');
  }

  /// Options by major: ICU locales came with 15 (as `daticulocale`, since 17 `datlocale`), ICU
  /// rules with 16, the built-in provider with 17.
  private static String createStatement(ServerVersion version) {
    String provider = "";
    if (version.major() >= 15) {
      String locale = version.major() >= 17 ? "d.datlocale" : "d.daticulocale";
      String builtin =
          version.major() >= 17
              ? "WHEN 'b' THEN ' LOCALE_PROVIDER = builtin BUILTIN_LOCALE = ' || quote_literal(d.datlocale) "
              : "";
      String rules =
          version.major() >= 16
              ? "|| coalesce(' ICU_RULES = ' || quote_literal(d.daticurules), '') "
              : "";
      provider =
          """
          || CASE d.datlocprovider WHEN 'i' THEN ' LOCALE_PROVIDER = icu ICU_LOCALE = ' || quote_literal(%s) %s %sELSE ' LOCALE_PROVIDER = libc' END
          """
              .formatted(locale, rules, builtin);
    }
    return """
    SELECT 'CREATE DATABASE :"database" WITH TEMPLATE = template0 ENCODING = '
           || quote_literal(pg_catalog.pg_encoding_to_char(d.encoding))
           %s
           || ' LC_COLLATE = ' || quote_literal(d.datcollate) || ' LC_CTYPE = ' || quote_literal(d.datctype)
           || ';'
    FROM pg_catalog.pg_database d WHERE d.datname = ?\
    """
        .formatted(provider);
  }

  private static final String PROPERTIES =
      """
      SELECT statement FROM pg_catalog.pg_database d
      JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace,
      LATERAL (VALUES
        (1, 'ALTER DATABASE :"database" OWNER TO ' || quote_ident(pg_catalog.pg_get_userbyid(d.datdba)) || ';'),
        (2, CASE WHEN t.spcname <> 'pg_default' THEN
              'ALTER DATABASE :"database" SET TABLESPACE ' || quote_ident(t.spcname) || ';' END),
        (3, CASE WHEN d.datconnlimit <> -1 THEN
              'ALTER DATABASE :"database" CONNECTION LIMIT ' || greatest(d.datconnlimit, 0) || ';' END),
        (4, CASE WHEN d.datistemplate THEN 'ALTER DATABASE :"database" IS_TEMPLATE true;' END),
        (5, 'COMMENT ON DATABASE :"database" IS ' || quote_literal(pg_catalog.shobj_description(d.oid, 'pg_database')) || ';')
      ) AS s (ordinal, statement)
      WHERE d.datname = ? AND statement IS NOT NULL ORDER BY ordinal\
      """;

  /// ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET. List settings are stored as they are
  /// written, quoted element by element; PostgreSQL's own list of those is in
  /// `src/backend/utils/misc/guc_tables.c` (GUC_LIST_QUOTE).
  private static final String SETTINGS =
      """
      SELECT CASE WHEN r.rolname IS NULL THEN 'ALTER DATABASE :"database" SET '
                  ELSE 'ALTER ROLE ' || quote_ident(r.rolname) || ' IN DATABASE :"database" SET ' END
             || (SELECT string_agg(quote_ident(part), '.' ORDER BY ordinal)
                 FROM regexp_split_to_table(split_part(setting, '=', 1), '\\.') WITH ORDINALITY AS p (part, ordinal))
             || ' TO '
             || CASE WHEN lower(split_part(setting, '=', 1)) IN
                       ('local_preload_libraries', 'search_path', 'session_preload_libraries',
                        'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories')
                     THEN CASE WHEN substr(setting, strpos(setting, '=') + 1) = '' THEN ''''''
                               ELSE substr(setting, strpos(setting, '=') + 1) END
                     ELSE quote_literal(substr(setting, strpos(setting, '=') + 1)) END
             || ';'
      FROM pg_catalog.pg_db_role_setting s
      JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
      CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY AS u (setting, ordinal)
      WHERE d.datname = ? ORDER BY s.setrole, u.ordinal\
      """;

  /// The whole access list, from nothing: the defaults are revoked first.
  private static final String GRANTS =
      """
      WITH d AS (SELECT datdba, datacl FROM pg_catalog.pg_database WHERE datname = ? AND datacl IS NOT NULL)
      SELECT statement FROM (
        SELECT 0 AS ordinal, 'REVOKE ALL ON DATABASE :"database" FROM PUBLIC;' AS statement FROM d
        UNION ALL
        SELECT 1, 'REVOKE ALL ON DATABASE :"database" FROM ' || quote_ident(pg_catalog.pg_get_userbyid(datdba)) || ';' FROM d
        UNION ALL
        SELECT 1 + a.ordinality,
               'GRANT ' || a.privilege_type || ' ON DATABASE :"database" TO '
               || CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
               || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END || ';'
        FROM d CROSS JOIN LATERAL pg_catalog.aclexplode(datacl)
             WITH ORDINALITY AS a (grantor, grantee, privilege_type, is_grantable, ordinality)
      ) g ORDER BY ordinal\
      """;
}
