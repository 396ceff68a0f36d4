package io.prova.restore;

import io.prova.base.Event;
import io.prova.base.Redactor;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.Repository;
import io.prova.postgres.ClientTools;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;

/// What every restore needs.
///
/// @param operation the operation's id, part of temporary names
/// @param keys that open encrypted backups
/// @param limit how long one program (psql, pg_restore, a server start) may take
public record RestoreContext(
    String operation,
    Repository repository,
    BackupKeys keys,
    ClientTools tools,
    Redactor redactor,
    InstantSource clock,
    Duration limit,
    Consumer<Event> events) {

  /// In place of an operation's id, where something is only planned.
  public static final String DRY_RUN = "dry-run";
}
