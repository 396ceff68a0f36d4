package io.prova.postgres.fingerprint;

import static io.prova.base.Message.message;

import io.prova.base.Durations;
import io.prova.postgres.Lsn;
import io.prova.postgres.ServerVersion;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.postgres.fingerprint.Fingerprint.Kind;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Takes the fingerprint of one database inside one snapshot.
///
/// In this order: [#connect], [#begin] (the snapshot), [#lock] (so that no DDL changes what the
/// snapshot means: TRUNCATE and rewrites are not bound to it), [#measure], [#close]. Between them
/// the caller may let `pg_dump` use [#exportSnapshot].
public final class FingerprintSession implements AutoCloseable {

  /// Text output of types depends on these; they are part of what a digest means.
  private static final List<String> PINNED_SETTINGS =
      List.of(
          "SET LOCAL search_path = ''",
          "SET LOCAL DateStyle = 'ISO, YMD'",
          "SET LOCAL IntervalStyle = 'postgres'",
          "SET LOCAL TimeZone = 'UTC'",
          "SET LOCAL extra_float_digits = 1",
          "SET LOCAL bytea_output = 'hex'",
          "SET LOCAL lc_monetary = 'C'",
          "SET LOCAL quote_all_identifiers = off",
          "SET LOCAL xmlbinary = 'base64'",
          // Filtered rows would pass for missing ones: an error instead.
          "SET LOCAL row_security = off",
          "SET LOCAL statement_timeout = 0",
          "SET LOCAL idle_in_transaction_session_timeout = 0");

  private static final String USER_SCHEMA =
      "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";

  /// Locked in one statement, so that 200,000 tables do not mean as many round trips.
  private static final int LOCK_BATCH = 200;

  private static final int SEQUENCE_BATCH = 200;

  /// Large objects above this are not digested: their text must fit PostgreSQL's 1 GB. A DDL that
  /// holds a sequence for longer is in progress for good; the snapshot must not wait.
  private static final int SEQUENCE_LOCK_MILLIS = 500;

  private static final long LARGEST_LARGE_OBJECT = 512L * 1024 * 1024;

  private final PgSession session;
  private final ServerVersion version;
  private Instant takenAt = Instant.EPOCH;
  private Optional<Lsn> lsn = Optional.empty();
  private Set<Long> relationsWithWriters = Set.of();
  private final Map<Long, String> notLocked = new HashMap<>();
  private final SortedMap<TableName, String> corrupt = new TreeMap<>();
  private List<Relation> relations = List.of();
  private List<Fingerprint.Sequence> sequencesBefore = List.of();

  /// A table as the snapshot knows it.
  record Relation(
      long oid,
      TableName name,
      Kind kind,
      Optional<TableName> root,
      boolean unlogged,
      long filenode,
      long toastFilenode,
      long bytes,
      List<String> columns,
      String definition) {}

  private FingerprintSession(PgSession session) {
    this.session = session;
    this.version =
        ServerVersion.ofNumber(
            (int) session.number("SELECT current_setting('server_version_num')::int"));
  }

  /// Connects only, so that [#begin] is a matter of milliseconds.
  public static FingerprintSession connect(ConnectionSettings settings) {
    PgSession session = PgSession.connect(settings);
    try {
      return new FingerprintSession(session);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /// Takes the snapshot.
  public void begin(InstantSource clock) {
    // The WAL position and the writers come first, each in a transaction of its own, the snapshot
    // after them: then
    // whoever wrote before the position and is not in the snapshot still holds a lock that we see,
    // and whoever writes
    // later shows in WAL behind the position. See ChangedRelations.
    // Sequences are bound to no snapshot: whoever reads them for the backup does so later than we
    // do here.
    sequencesBefore = readSequences();
    lsn = position(session);
    relationsWithWriters = writers(session);
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    PINNED_SETTINGS.forEach(session::execute);
    takenAt = clock.instant();
    session.requiredText("SELECT pg_catalog.pg_current_snapshot()::text"); // takes the snapshot
  }

  private static Optional<Lsn> position(PgSession session) {
    if (session.yes("SELECT pg_catalog.pg_is_in_recovery()")) {
      // A standby does not see the locks of the primary's writers. Only when no transaction at all
      // is in progress
      // is the position as good as on a primary.
      boolean nobodyWrites =
          session.yes(
              "SELECT pg_catalog.pg_snapshot_xmin(s) = pg_catalog.pg_snapshot_xmax(s) FROM pg_catalog.pg_current_snapshot() s");
      return nobodyWrites
          ? Optional.of(
              Lsn.parse(session.requiredText("SELECT pg_catalog.pg_last_wal_replay_lsn()")))
          : Optional.empty();
    }
    return Optional.of(
        Lsn.parse(session.requiredText("SELECT pg_catalog.pg_current_wal_insert_lsn()")));
  }

  private static Set<Long> writers(PgSession session) {
    return new HashSet<>(
        session.query(
            """
            SELECT DISTINCT l.relation FROM pg_catalog.pg_locks l
            JOIN pg_catalog.pg_database d ON d.oid = l.database
            WHERE d.datname = current_database() AND l.locktype = 'relation' AND l.granted
              AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')\
            """,
            row -> row.getLong(1)));
  }

  /// Lets another session read the same snapshot, as `pg_dump --snapshot` does. Valid until
  /// [#close].
  public String exportSnapshot() {
    return session.requiredText("SELECT pg_catalog.pg_export_snapshot()");
  }

  public Optional<Lsn> lsn() {
    return lsn;
  }

  /// Lists the tables and holds them against DDL. It never waits: waiting behind a queued DDL that
  /// itself waits for the dump beside us would never end. A table that cannot be held is not
  /// measured, and says so.
  public void lock() {
    relations = listRelations();
    List<Relation> lockable =
        relations.stream().filter(each -> each.kind != Kind.MATERIALIZED_VIEW).toList();
    for (int from = 0; from < lockable.size(); from += LOCK_BATCH) {
      List<Relation> batch = lockable.subList(from, Math.min(lockable.size(), from + LOCK_BATCH));
      if (!tryLock(batch)) {
        batch.forEach(each -> tryLock(List.of(each)));
      }
    }
  }

  private boolean tryLock(List<Relation> batch) {
    String names =
        batch.stream().map(each -> "ONLY " + each.name.sql()).collect(Collectors.joining(", "));
    session.execute("SAVEPOINT prova_lock");
    try {
      session.execute("LOCK TABLE " + names + " IN ACCESS SHARE MODE NOWAIT");
      session.execute("RELEASE SAVEPOINT prova_lock");
      return true;
    } catch (SqlFailed e) {
      session.execute("ROLLBACK TO SAVEPOINT prova_lock");
      if (batch.size() == 1) {
        notLocked.put(batch.getFirst().oid, firstLine(e));
      }
      return false;
    }
  }

  private static String firstLine(SqlFailed e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  private List<Relation> listRelations() {
    return session.query(
        """
        SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text,
               pg_catalog.pg_relation_filenode(c.oid) AS filenode,
               coalesce(pg_catalog.pg_relation_filenode(nullif(c.reltoastrelid, 0)), 0) AS toast_filenode,
               pg_catalog.pg_table_size(c.oid) AS bytes,
               EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                         AND e.objid = c.oid AND e.deptype = 'e') AS of_extension,
               rn.nspname, rc.relname,
               (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname COLLATE "C") FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
               (SELECT pg_catalog.string_agg(
                         pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', '
                         ORDER BY a.attname COLLATE "C")
                 FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS definition
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_class rc ON c.relispartition AND rc.oid = pg_catalog.pg_partition_root(c.oid)
        LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
        WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND c.relpersistence <> 't' AND %s
        ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C\"\
        """
            .formatted(USER_SCHEMA),
        row -> {
          String[] columns =
              row.getArray("columns") == null
                  ? new String[0]
                  : (String[]) row.getArray("columns").getArray();
          String definition = row.getString("definition");
          String root = row.getString(10);
          return new Relation(
              row.getLong(1),
              new TableName(row.getString(2), row.getString(3)),
              kind(row.getString(4), row.getBoolean("of_extension")),
              root == null ? Optional.empty() : Optional.of(new TableName(root, row.getString(11))),
              row.getString(5).equals("u"),
              row.getLong("filenode"),
              row.getLong("toast_filenode"),
              row.getLong("bytes"),
              List.of(columns),
              definition == null ? "" : definition);
        });
  }

  private static Kind kind(String relkind, boolean ofExtension) {
    if (ofExtension) {
      return Kind.EXTENSION_TABLE;
    }
    return relkind.equals("m") ? Kind.MATERIALIZED_VIEW : Kind.TABLE;
  }

  /// Reads every table once, small ones first.
  public Fingerprint measure(FingerprintBudget budget) {
    long started = System.nanoTime();
    List<Fingerprint.Table> tables = new ArrayList<>();
    List<Relation> smallFirst =
        relations.stream().sorted(Comparator.comparingLong(Relation::bytes)).toList();
    for (Relation relation : smallFirst) {
      Duration spent = Duration.ofNanos(System.nanoTime() - started);
      tables.add(measure(relation, budget, spent));
    }
    tables.sort(Comparator.comparing(Fingerprint.Table::name));
    List<Fingerprint.Sequence> sequences = sequencesBefore;
    Fingerprint.LargeObjects largeObjects = largeObjects();
    String[] locale = locale();
    return new Fingerprint(
        session.requiredText("SELECT current_database()"),
        takenAt,
        lsn,
        version,
        session.requiredText("SELECT pg_catalog.getdatabaseencoding()"),
        locale[0],
        locale[1],
        tables,
        sequences,
        largeObjects,
        countObjects(),
        session.query(
            "SELECT extname, extversion FROM pg_catalog.pg_extension ORDER BY extname COLLATE \"C\"",
            row -> new Fingerprint.Extension(row.getString(1), row.getString(2))),
        collationVersions(),
        Durations.seconds(Duration.ofNanos(System.nanoTime() - started)));
  }

  private Fingerprint.Table measure(Relation relation, FingerprintBudget budget, Duration spent) {
    String unlocked = notLocked.get(relation.oid);
    if (unlocked != null) {
      return table(relation, Optional.empty(), Optional.empty(), Optional.of(unlocked));
    }
    Optional<String> tooDear = tooDear(relation, budget, spent);
    if (tooDear.isPresent()) {
      return count(relation, tooDear.get());
    }
    session.execute("SAVEPOINT prova_table");
    try {
      budget
          .time()
          .ifPresent(limit ->
              session.execute("SET LOCAL statement_timeout = " + limit.minus(spent).toMillis()));
      Fingerprint.Table measured =
          session.one(
              "SELECT count(*), sum(pg_catalog.hashtextextended(%s::text COLLATE \"C\", 0)) FROM ONLY %s"
                  .formatted(rowExpression(relation), relation.name.sql()),
              row ->
                  table(
                      relation,
                      Optional.of(row.getLong(1)),
                      Optional.of(
                          row.getBigDecimal(2) == null
                              ? BigInteger.ZERO
                              : row.getBigDecimal(2).toBigIntegerExact()),
                      Optional.empty()));
      session.execute("RELEASE SAVEPOINT prova_table");
      session.execute("SET LOCAL statement_timeout = 0");
      return measured;
    } catch (SqlFailed e) {
      if (e.isConnectionLost()) {
        throw e;
      }
      session.execute("ROLLBACK TO SAVEPOINT prova_table");
      if (e.isCorruption()) { // of its TOAST table, say: then it can still be counted
        corrupt.put(relation.name, firstLine(e));
      }
      return count(relation, firstLine(e));
    }
  }

  private static Optional<String> tooDear(
      Relation relation, FingerprintBudget budget, Duration spent) {
    if (budget.largestTable().filter(limit -> relation.bytes > limit.bytes()).isPresent()) {
      return Optional.of(message("larger than fingerprint.largest_table").toString());
    }
    if (budget.time().filter(limit -> spent.compareTo(limit) >= 0).isPresent()) {
      return Optional.of(message("fingerprint.time was used up").toString());
    }
    return Optional.empty();
  }

  private Fingerprint.Table count(Relation relation, String whyNoDigest) {
    session.execute("SAVEPOINT prova_table");
    try {
      long rows = session.number("SELECT count(*) FROM ONLY " + relation.name.sql());
      session.execute("RELEASE SAVEPOINT prova_table");
      return table(relation, Optional.of(rows), Optional.empty(), Optional.of(whyNoDigest));
    } catch (SqlFailed e) {
      if (e.isConnectionLost()) {
        throw e;
      }
      session.execute("ROLLBACK TO SAVEPOINT prova_table");
      if (e.isCorruption()) {
        corrupt.put(relation.name, firstLine(e));
      }
      return table(relation, Optional.empty(), Optional.empty(), Optional.of(firstLine(e)));
    }
  }

  /// Columns by name: a restored table may rightly have them in another order (inheritance).
  private static String rowExpression(Relation relation) {
    return relation.columns.stream()
        .map(PgSession::identifier)
        .collect(Collectors.joining(", ", "ROW(", ")"));
  }

  private static Fingerprint.Table table(
      Relation relation,
      Optional<Long> rows,
      Optional<BigInteger> digest,
      Optional<String> unread) {
    return new Fingerprint.Table(
        relation.name,
        relation.kind,
        relation.root,
        relation.unlogged,
        relation.bytes,
        rows,
        digest,
        unread,
        relation.definition,
        Optional.empty());
  }

  private record ListedSequence(TableName name, long increment) {}

  /// Outside of a transaction, so that no lock stays: a DDL that waits for it would make pg_dump
  /// wait behind it. A sequence that was dropped meanwhile, or that a DDL holds, is left out.
  private List<Fingerprint.Sequence> readSequences() {
    List<ListedSequence> listed =
        session.query(
            """
            SELECT n.nspname, c.relname, s.seqincrement FROM pg_catalog.pg_sequence s
            JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relpersistence <> 't' AND %s ORDER BY 1, 2\
            """
                .formatted(USER_SCHEMA),
            row ->
                new ListedSequence(
                    new TableName(row.getString(1), row.getString(2)), row.getLong(3)));
    List<Fingerprint.Sequence> sequences = new ArrayList<>();
    session.execute("SET lock_timeout = '" + SEQUENCE_LOCK_MILLIS + "ms'");
    for (int from = 0; from < listed.size(); from += SEQUENCE_BATCH) {
      List<ListedSequence> batch =
          listed.subList(from, Math.min(listed.size(), from + SEQUENCE_BATCH));
      if (!tryRead(batch, sequences)) {
        batch.forEach(each -> tryRead(List.of(each), sequences));
      }
    }
    session.execute("RESET lock_timeout");
    sequences.sort(Comparator.comparing(Fingerprint.Sequence::name));
    return sequences;
  }

  private boolean tryRead(List<ListedSequence> batch, List<Fingerprint.Sequence> sequences) {
    String query =
        IntStream.range(0, batch.size())
            .mapToObj(i ->
                "SELECT %d, last_value, is_called FROM %s".formatted(i, batch.get(i).name.sql()))
            .collect(Collectors.joining(" UNION ALL "));
    try {
      sequences.addAll(
          session.query(
              query,
              row -> {
                ListedSequence each = batch.get(row.getInt(1));
                var position = new Fingerprint.Sequence.Position(row.getLong(2), row.getBoolean(3));
                return new Fingerprint.Sequence(each.name, each.increment, position, position);
              }));
      return true;
    } catch (SqlFailed e) {
      if (e.isConnectionLost()) {
        throw e;
      }
      return false;
    }
  }

  private Fingerprint.LargeObjects largeObjects() {
    long count = session.number("SELECT count(*) FROM pg_catalog.pg_largeobject_metadata");
    if (count == 0) {
      return new Fingerprint.LargeObjects(0, Optional.of(BigInteger.ZERO), Optional.empty());
    }
    session.execute("SAVEPOINT prova_large_objects");
    try {
      java.math.BigDecimal sum =
          session.one(
              """
              SELECT sum(pg_catalog.hashtextextended(
                       oid::text || ':' || pg_catalog.encode(pg_catalog.lo_get(oid, 0, %d), 'base64'), 0))
              FROM pg_catalog.pg_largeobject_metadata\
              """
                  .formatted(LARGEST_LARGE_OBJECT),
              row -> row.getBigDecimal(1));
      session.execute("RELEASE SAVEPOINT prova_large_objects");
      return new Fingerprint.LargeObjects(
          count, Optional.of(sum.toBigIntegerExact()), Optional.empty());
    } catch (SqlFailed e) {
      if (e.isConnectionLost()) {
        throw e;
      }
      session.execute("ROLLBACK TO SAVEPOINT prova_large_objects");
      return new Fingerprint.LargeObjects(count, Optional.empty(), Optional.of(firstLine(e)));
    }
  }

  private String[] locale() {
    return session.one(
        "SELECT datcollate, datctype FROM pg_catalog.pg_database WHERE datname = current_database()",
        row -> new String[] {row.getString(1), row.getString(2)});
  }

  private SortedMap<String, Long> countObjects() {
    SortedMap<String, Long> counts = new TreeMap<>();
    for (ObjectKind kind : ObjectKind.values()) {
      String extension =
          "NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = '%s'::pg_catalog.regclass AND e.objid = o.oid AND e.deptype = 'e')"
              .formatted(kind.catalog());
      String namespace =
          kind.namespaceColumn()
              .map(column ->
                  "JOIN pg_catalog.pg_namespace n ON n.oid = o." + column + " AND " + USER_SCHEMA)
              .orElse("");
      String query =
          "SELECT count(*) FROM %s o %s WHERE %s AND %s"
              .formatted(kind.catalog(), namespace, kind.condition(), extension);
      counts.put(kind.title(), session.number(query));
    }
    return counts;
  }

  private Map<String, String> collationVersions() {
    Map<String, String> versions = new TreeMap<>();
    if (version.major() >= 15) {
      session.query(
          "SELECT datname, datcollversion FROM pg_catalog.pg_database WHERE datname = current_database() AND datcollversion IS NOT NULL",
          row -> versions.put("database " + row.getString(1), row.getString(2)));
    }
    session.query(
        """
        SELECT n.nspname || '.' || c.collname, c.collversion FROM pg_catalog.pg_collation c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
        WHERE c.collversion IS NOT NULL AND %s\
        """
            .formatted(USER_SCHEMA),
        row -> versions.put(row.getString(1), row.getString(2)));
    return versions;
  }

  /// Tables that the server itself could not read for damage, and what it said.
  public SortedMap<TableName, String> corrupt() {
    return corrupt;
  }

  /// Ends the snapshot, reads what is not bound to snapshots once more, and returns `taken` with
  /// it: the sequences' second reading and, when `changed` is given, which tables stayed quiet.
  ///
  /// @param changed the files that WAL touched between the snapshot and the end of the backup;
  ///   empty where that could not be found out, and then no table counts as quiet
  public Fingerprint complete(Fingerprint taken, Optional<ChangedRelations> changed) {
    session.execute("ROLLBACK");
    Map<TableName, Fingerprint.Sequence> after =
        readSequences().stream()
            .collect(Collectors.toMap(Fingerprint.Sequence::name, each -> each));
    session.execute("BEGIN READ ONLY");
    session.execute("SET LOCAL search_path = ''");
    Map<Long, Relation> now =
        listRelations().stream().collect(Collectors.toMap(Relation::oid, each -> each));
    session.execute("ROLLBACK");

    List<Fingerprint.Sequence> sequences = new ArrayList<>();
    for (Fingerprint.Sequence each : taken.sequences()) {
      Fingerprint.Sequence later = after.get(each.name());
      if (later != null) { // a dropped one is in nobody's interest
        sequences.add(
            new Fingerprint.Sequence(each.name(), each.increment(), each.first(), later.last()));
      }
    }
    Map<TableName, Relation> before =
        relations.stream().collect(Collectors.toMap(Relation::name, each -> each));
    List<Fingerprint.Table> tables = new ArrayList<>();
    for (Fingerprint.Table each : taken.tables()) {
      Relation relation = before.get(each.name());
      tables.add(
          relation == null || changed.isEmpty()
              ? each
              : each.withQuiet(isQuiet(relation, now, changed.get())));
    }
    return new Fingerprint(
        taken.database(),
        taken.takenAt(),
        taken.lsn(),
        taken.serverVersion(),
        taken.encoding(),
        taken.collate(),
        taken.ctype(),
        tables,
        sequences,
        taken.largeObjects(),
        taken.objects(),
        taken.extensions(),
        taken.collationVersions(),
        taken.seconds());
  }

  /// Nobody was writing to it at the snapshot, nothing wrote to it in WAL since, and it is still
  /// the same file with the same columns (so it was neither truncated, rewritten nor altered).
  private boolean isQuiet(Relation before, Map<Long, Relation> now, ChangedRelations changed) {
    Relation after = now.get(before.oid);
    return after != null
        && after.filenode == before.filenode
        && after.toastFilenode == before.toastFilenode
        && after.definition.equals(before.definition)
        && !relationsWithWriters.contains(before.oid)
        && !changed.touched(before.filenode)
        && !changed.touched(before.toastFilenode);
  }

  /// Ends it from another thread.
  public void abort() {
    session.abort();
  }

  @Override
  public void close() {
    session.close();
  }
}
