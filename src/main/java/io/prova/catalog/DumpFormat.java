package io.prova.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;

/// pg_dump's formats.
public enum DumpFormat {
  /// SQL text, what `psql -f` takes.
  @JsonProperty("plain")
  PLAIN,
  /// One file for pg_restore, compressed by pg_dump.
  @JsonProperty("custom")
  CUSTOM,
  /// A directory for pg_restore, which alone can be dumped and restored in parallel.
  @JsonProperty("directory")
  DIRECTORY
}
