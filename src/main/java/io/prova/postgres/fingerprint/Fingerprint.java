package io.prova.postgres.fingerprint;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.postgres.Lsn;
import io.prova.postgres.ServerVersion;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// What one database looked like at one moment.
///
/// @param lsn where WAL stood just before the snapshot was taken; empty where nobody asked
/// @param takenAt when the snapshot was taken
/// @param seconds what taking it cost
/// @param objects how many there are of each kind, extension members and system objects not counted
public record Fingerprint(
    String database,
    Instant takenAt,
    Optional<Lsn> lsn,
    ServerVersion serverVersion,
    String encoding,
    String collate,
    String ctype,
    List<Table> tables,
    List<Sequence> sequences,
    LargeObjects largeObjects,
    SortedMap<String, Long> objects,
    List<Extension> extensions,
    Map<String, String> collationVersions,
    double seconds) {

  /// What kind of relation holds the rows, and so what a restore does with them.
  public enum Kind {
    @JsonProperty("table")
    TABLE,
    /// Filled by its query at restore, so a logical restore may rightly hold other rows.
    @JsonProperty("materialized view")
    MATERIALIZED_VIEW,
    /// Belongs to an extension, which brings (or does not bring) its rows itself.
    @JsonProperty("extension table")
    EXTENSION_TABLE
  }

  /// One table's content.
  ///
  /// @param root for a partition, the partitioned table at the top
  /// @param unlogged its rows do not survive the recovery of a physical backup
  /// @param rows absent only when the table could not be read
  /// @param digest the sum of a 64-bit hash of each row's text; the same for the same rows in any
  ///   order, and the sum of two tables' digests is the digest of both together
  /// @param unread why the digest or even the count is missing
  /// @param definition columns with their types, in order of names
  /// @param quiet for a physical backup: nothing wrote to it between the snapshot and the end of
  ///   the backup
  public record Table(
      TableName name,
      Kind kind,
      Optional<TableName> root,
      boolean unlogged,
      long bytes,
      Optional<Long> rows,
      @JsonFormat(shape = JsonFormat.Shape.STRING) Optional<BigInteger> digest,
      Optional<String> unread,
      String definition,
      Optional<Boolean> quiet) {

    Table withQuiet(boolean isQuiet) {
      return new Table(
          name,
          kind,
          root,
          unlogged,
          bytes,
          rows,
          digest,
          unread,
          definition,
          Optional.of(isQuiet));
    }
  }

  /// A sequence's position. Sequences are not bound to snapshots, so it is read before and after
  /// the backup.
  ///
  /// @param first last value and whether it was handed out (`is_called`), read before the backup
  /// @param last the same, read after the backup
  public record Sequence(TableName name, long increment, Position first, Position last) {

    public record Position(long value, boolean called) {}
  }

  /// @param unread why the digest is missing
  public record LargeObjects(
      long count,
      @JsonFormat(shape = JsonFormat.Shape.STRING) Optional<BigInteger> digest,
      Optional<String> unread) {}

  public record Extension(String name, String version) {}

  /// The rows of all tables that could be counted.
  public long rows() {
    return tables.stream().mapToLong(table -> table.rows().orElse(0L)).sum();
  }
}
