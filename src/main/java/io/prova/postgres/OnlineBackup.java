package io.prova.postgres;

import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The server's side of a backup that copies its files: between `pg_backup_start` and
/// `pg_backup_stop`, in one session, whose end ends the backup too.
///
/// A temporary replication slot of the same session keeps the WAL that the backup needs until it
/// has been copied.
public final class OnlineBackup implements AutoCloseable {

  private static final Pattern START =
      Pattern.compile("START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) \\(file [0-9A-F]+\\)");
  private static final Pattern TIMELINE = Pattern.compile("START TIMELINE: ([0-9]+)");

  private final PgSession session;
  private final int major;
  private final Lsn startLsn;
  private final Optional<String> slotTrouble;

  private OnlineBackup(PgSession session, int major, Lsn startLsn, Optional<String> slotTrouble) {
    this.session = session;
    this.major = major;
    this.startLsn = startLsn;
    this.slotTrouble = slotTrouble;
  }

  /// Returns when the checkpoint from which the backup starts is done.
  ///
  /// @param name of the slot and the backup: lower-case letters, digits and `_`
  /// @param fastCheckpoint at once, instead of spread over minutes
  public static OnlineBackup start(
      ConnectionSettings connection, int major, String name, boolean fastCheckpoint) {
    PgSession session = PgSession.connect(connection);
    try {
      session.execute("SET statement_timeout = 0");
      session.execute("SET idle_session_timeout = 0");
      Optional<String> trouble = reserveWal(session, name);
      Lsn startLsn =
          Lsn.parse(
              session.requiredText(
                  major >= 15
                      ? "SELECT pg_catalog.pg_backup_start(?, ?)::text"
                      : "SELECT pg_catalog.pg_start_backup(?, ?, false)::text",
                  name,
                  fastCheckpoint));
      return new OnlineBackup(session, major, startLsn, trouble);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  private static Optional<String> reserveWal(PgSession session, String name) {
    try {
      session.text(
          "SELECT slot_name FROM pg_catalog.pg_create_physical_replication_slot(?, true, true)",
          name);
      return Optional.empty();
    } catch (SqlFailed e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// From where on the backup's WAL has everything.
  public Lsn startLsn() {
    return startLsn;
  }

  /// How far WAL goes now. May be called by several threads.
  public synchronized Lsn currentLsn() {
    return Lsn.parse(
        session.requiredText(
            // A standby that is fed by an archive receives nothing: that is NULL, which is ignored.
            "SELECT CASE WHEN pg_catalog.pg_is_in_recovery()"
                + " THEN GREATEST(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())"
                + " ELSE pg_catalog.pg_current_wal_insert_lsn() END::text"));
  }

  /// Why no slot keeps the WAL, where none does.
  public Optional<String> slotTrouble() {
    return slotTrouble;
  }

  /// What the server says when the backup ends.
  ///
  /// @param label the content of `backup_label`, without which the copy must not be started
  /// @param tablespaceMap the content of `tablespace_map`; empty where there is no tablespace
  public record Stopped(
      int timeline, Lsn start, Lsn stop, String label, Optional<String> tablespaceMap) {}

  /// Ends the backup. Its WAL is kept until [#close].
  public synchronized Stopped stop() {
    String sql =
        major >= 15
            ? "SELECT lsn::text, labelfile, spcmapfile FROM pg_catalog.pg_backup_stop(false)"
            : "SELECT lsn::text, labelfile, spcmapfile FROM pg_catalog.pg_stop_backup(false, false)";
    return session.one(
        sql, row -> stopped(Lsn.parse(row.getString(1)), row.getString(2), row.getString(3)));
  }

  static Stopped stopped(Lsn stop, String label, @Nullable String tablespaceMap) {
    Matcher start = START.matcher(Objects.requireNonNull(label, "backup_label"));
    Matcher timeline = TIMELINE.matcher(label);
    if (!start.find() || !timeline.find()) {
      throw new IllegalStateException("the server's backup_label names no start: " + label);
    }
    return new Stopped(
        Integer.parseInt(timeline.group(1)),
        Lsn.parse(start.group(1)),
        stop,
        label,
        Optional.ofNullable(tablespaceMap).filter(map -> !map.isEmpty()));
  }

  @Override
  public void close() {
    session.close();
  }
}
