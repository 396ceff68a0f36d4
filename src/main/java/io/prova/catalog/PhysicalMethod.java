package io.prova.catalog;

/// Who reads the cluster's files for a physical backup.
public enum PhysicalMethod {
  /// [#LOCAL] where that is possible, else [#PG_BASEBACKUP].
  AUTO,
  /// Prova itself, on the database's host, into compressed packs.
  LOCAL,
  /// PostgreSQL's own program, which makes a plain directory that can be copied back by hand.
  PG_BASEBACKUP
}
