package io.prova.postgres.fingerprint;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The kinds of database objects that a fingerprint counts, and where PostgreSQL keeps them.
enum ObjectKind {
  SCHEMAS(
      "schemas",
      "pg_catalog.pg_namespace",
      null,
      "o.nspname <> 'information_schema' AND o.nspname NOT LIKE 'pg\\_%'"),
  TABLES(
      "tables",
      "pg_catalog.pg_class",
      "relnamespace",
      "o.relkind = 'r' AND o.relpersistence <> 't'"),
  PARTITIONED_TABLES(
      "partitioned_tables", "pg_catalog.pg_class", "relnamespace", "o.relkind = 'p'"),
  FOREIGN_TABLES("foreign_tables", "pg_catalog.pg_class", "relnamespace", "o.relkind = 'f'"),
  INDEXES(
      "indexes",
      "pg_catalog.pg_class",
      "relnamespace",
      "o.relkind IN ('i', 'I') AND o.relpersistence <> 't'"),
  SEQUENCES(
      "sequences",
      "pg_catalog.pg_class",
      "relnamespace",
      "o.relkind = 'S' AND o.relpersistence <> 't'"),
  VIEWS(
      "views",
      "pg_catalog.pg_class",
      "relnamespace",
      "o.relkind = 'v' AND o.relpersistence <> 't'"),
  MATERIALIZED_VIEWS(
      "materialized_views", "pg_catalog.pg_class", "relnamespace", "o.relkind = 'm'"),
  FUNCTIONS("functions", "pg_catalog.pg_proc", "pronamespace", "true"),
  // Rows and arrays of tables come with their tables.
  TYPES(
      "types",
      "pg_catalog.pg_type",
      "typnamespace",
      "o.typtype IN ('d', 'e', 'r') AND o.typrelid = 0"),
  CONSTRAINTS(
      "constraints",
      "pg_catalog.pg_constraint",
      "connamespace",
      "o.contype IN ('c', 'f', 'p', 'u', 'x')"),
  TRIGGERS("triggers", "pg_catalog.pg_trigger", null, "NOT o.tgisinternal"),
  RULES("rules", "pg_catalog.pg_rewrite", null, "o.rulename <> '_RETURN' AND o.oid >= 16384"),
  POLICIES("policies", "pg_catalog.pg_policy", null, "true"),
  EVENT_TRIGGERS("event_triggers", "pg_catalog.pg_event_trigger", null, "true"),
  PUBLICATIONS("publications", "pg_catalog.pg_publication", null, "true"),
  FOREIGN_SERVERS("foreign_servers", "pg_catalog.pg_foreign_server", null, "true"),
  OPERATORS("operators", "pg_catalog.pg_operator", "oprnamespace", "true"),
  COLLATIONS("collations", "pg_catalog.pg_collation", "collnamespace", "true"),
  STATISTICS("statistics", "pg_catalog.pg_statistic_ext", "stxnamespace", "true"),
  TEXT_SEARCH_CONFIGURATIONS(
      "text_search_configurations", "pg_catalog.pg_ts_config", "cfgnamespace", "true"),
  CASTS("casts", "pg_catalog.pg_cast", null, "o.oid >= 16384"),
  EXTENSIONS("extensions", "pg_catalog.pg_extension", null, "true"),
  LANGUAGES("languages", "pg_catalog.pg_language", null, "o.oid >= 16384");

  private final String title;
  private final String catalog;
  private final @Nullable String namespaceColumn;
  private final String condition;

  ObjectKind(String title, String catalog, @Nullable String namespaceColumn, String condition) {
    this.title = title;
    this.catalog = catalog;
    this.namespaceColumn = namespaceColumn;
    this.condition = condition;
  }

  /// The name in `fingerprint.json`.
  String title() {
    return title;
  }

  /// What `title` stands for; a kind that only a newer program knows stands for itself.
  static Message word(String title) {
    for (ObjectKind kind : values()) {
      if (kind.title.equals(title)) {
        return kind.word();
      }
    }
    return message("{0}", title);
  }

  private Message word() {
    return switch (this) {
      case SCHEMAS -> message("schemas");
      case TABLES -> message("tables");
      case PARTITIONED_TABLES -> message("partitioned tables");
      case FOREIGN_TABLES -> message("foreign tables");
      case INDEXES -> message("indexes");
      case SEQUENCES -> message("sequences");
      case VIEWS -> message("views");
      case MATERIALIZED_VIEWS -> message("materialized views");
      case FUNCTIONS -> message("functions");
      case TYPES -> message("types");
      case CONSTRAINTS -> message("constraints");
      case TRIGGERS -> message("triggers");
      case RULES -> message("rules");
      case POLICIES -> message("policies");
      case EVENT_TRIGGERS -> message("event triggers");
      case PUBLICATIONS -> message("publications");
      case FOREIGN_SERVERS -> message("foreign servers");
      case OPERATORS -> message("operators");
      case COLLATIONS -> message("collations");
      case STATISTICS -> message("statistics");
      case TEXT_SEARCH_CONFIGURATIONS -> message("text search configurations");
      case CASTS -> message("casts");
      case EXTENSIONS -> message("extensions");
      case LANGUAGES -> message("languages");
    };
  }

  String catalog() {
    return catalog;
  }

  Optional<String> namespaceColumn() {
    return Optional.ofNullable(namespaceColumn);
  }

  String condition() {
    return condition;
  }
}
