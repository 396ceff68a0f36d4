package io.prova.drill;

import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.testing.PgCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// A cluster with everything that could make a restore test fail for no fault of the backup, and
/// people who work on it meanwhile.
final class BusyCluster implements AutoCloseable {

  private static final int WRITERS = 2;

  final PgCluster cluster;
  private final long seed;
  private final AtomicBoolean working = new AtomicBoolean();
  private final List<Thread> writers = new ArrayList<>();
  private final AtomicLong statements = new AtomicLong();
  private final PgSession inProgress;

  BusyCluster(long seed) throws IOException, InterruptedException {
    this.seed = seed;
    cluster =
        PgCluster.start(
            PgCluster.installedBin(),
            List.of("--wal-segsize=1", "--data-checksums"),
            "wal_level = logical",
            "max_prepared_transactions = 10",
            "max_locks_per_transaction = 128",
            "shared_preload_libraries = 'pg_stat_statements'",
            "autovacuum_naptime = 1",
            "track_commit_timestamp = on");
    cluster.sql(
        "postgres",
        "CREATE ROLE clerk LOGIN PASSWORD 'x' CONNECTION LIMIT 3",
        "ALTER ROLE clerk SET statement_timeout = '1s'",
        "CREATE ROLE \"Odd \"\"role\" IN ROLE clerk",
        "CREATE DATABASE shop",
        "CREATE DATABASE copy",
        "CREATE DATABASE archive",
        "CREATE DATABASE \"a \"\"b\"\".;drop\" ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'",
        "CREATE TABLESPACE outside LOCATION '" + cluster.directory("ts") + "'",
        "ALTER DATABASE shop SET work_mem = '8MB'",
        "ALTER DATABASE shop SET session_preload_libraries = 'auto_explain'",
        "ALTER DATABASE copy CONNECTION LIMIT 5");
    cluster.sql(
        "shop",
        "CREATE EXTENSION pg_stat_statements",
        "CREATE EXTENSION hstore",
        "CREATE EXTENSION pg_trgm",
        "CREATE TABLE quiet AS SELECT i AS id, 'row ' || i AS what FROM generate_series(1, 2000) i",
        "CREATE TABLE outside TABLESPACE outside AS SELECT * FROM quiet",
        "CREATE INDEX ON quiet USING gin (what gin_trgm_ops)",
        "CREATE UNLOGGED TABLE scratch AS SELECT * FROM quiet",
        "CREATE TABLE hot (id bigserial PRIMARY KEY, what text, changed timestamptz DEFAULT now())",
        "CREATE TABLE log (id bigserial, what text)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO public.log (what) VALUES (TG_OP); RETURN NULL; END $$",
        "CREATE TRIGGER note AFTER INSERT OR UPDATE ON hot FOR EACH ROW EXECUTE FUNCTION note()",
        "CREATE TABLE ddl_log (what text)",
        "CREATE FUNCTION note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO public.ddl_log VALUES (tg_tag); END $$",
        "CREATE EVENT TRIGGER note_ddl ON ddl_command_end EXECUTE FUNCTION note_ddl()",
        "CREATE TABLE parts (id int, what text) PARTITION BY HASH (id)",
        "CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO parts SELECT i, 'part ' || i FROM generate_series(1, 500) i",
        "CREATE MATERIALIZED VIEW summed AS SELECT count(*) AS n FROM quiet",
        "CREATE TABLE secured AS SELECT * FROM quiet",
        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "ALTER TABLE quiet OWNER TO \"Odd \"\"role\"",
        "SELECT lo_from_bytea(0, 'a large object')",
        "CREATE PUBLICATION published FOR TABLE hot");
    cluster.sql(
        "archive",
        "CREATE TABLE closed AS SELECT i FROM generate_series(1, 100) i",
        "ALTER DATABASE archive SET default_transaction_read_only = on");
    subscribe();
    // A transaction that waits for its second phase, and one that is in the middle of its DDL.
    cluster.sql(
        "shop", "BEGIN", "INSERT INTO log (what) VALUES ('prepared')", "PREPARE TRANSACTION 'p'");
    inProgress = cluster.session("shop");
    inProgress.execute("BEGIN");
    inProgress.execute("CREATE TABLE unborn AS SELECT * FROM quiet");
    inProgress.execute("CREATE INDEX ON unborn (id)");
  }

  private void subscribe() {
    cluster.sql(
        "copy",
        "CREATE TABLE quiet AS SELECT i AS id FROM generate_series(1, 100) i",
        "CREATE TABLE hot (id bigint PRIMARY KEY, what text, changed timestamptz)",
        "CREATE SUBSCRIPTION subscribed CONNECTION 'host="
            + cluster.root()
            + " user=postgres dbname=shop' PUBLICATION published WITH (connect = false, slot_name = subscribed)");
    cluster.sql("shop", "SELECT pg_create_logical_replication_slot('subscribed', 'pgoutput')");
    cluster.sql(
        "copy",
        "ALTER SUBSCRIPTION subscribed ENABLE",
        "ALTER SUBSCRIPTION subscribed REFRESH PUBLICATION WITH (copy_data = false)");
  }

  /// @param dropping tables too: pg_dump fails when one that it is about to lock is gone, and so no
  ///   dump of that moment exists to be drilled
  void startWork(boolean dropping) {
    working.set(true);
    for (int i = 0; i < WRITERS; i++) {
      Random random = new Random(seed + i);
      writers.add(Thread.ofPlatform().daemon().start(() -> work(random, dropping)));
    }
  }

  private void work(Random random, boolean dropping) {
    try (PgSession session = cluster.session("shop")) {
      while (working.get()) {
        try {
          change(session, random, dropping);
          statements.incrementAndGet();
        } catch (SqlFailed e) {
          if (e.isConnectionLost()) {
            throw e;
          }
          // two writers at the same thing: one of them gives way
        }
        Thread.sleep(2); // other tests run on this machine, too
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void change(PgSession session, Random random, boolean dropping) {
    int number = random.nextInt(1000);
    switch (random.nextInt(12)) {
      case 0 -> session.execute("DELETE FROM hot WHERE id % 7 = " + number % 7);
      case 1 -> session.execute("UPDATE hot SET what = 'changed' WHERE id % 5 = " + number % 5);
      case 2 -> session.execute("CREATE TABLE IF NOT EXISTS brief_" + number % 4 + " (id int)");
      case 3 ->
          session.execute(
              dropping
                  ? "DROP TABLE IF EXISTS brief_" + number % 4
                  : "INSERT INTO hot (what) VALUES ('instead')");
      case 4 -> session.execute("SELECT nextval('hot_id_seq') FROM generate_series(1, 50)");
      case 5 -> session.execute("INSERT INTO parts VALUES (" + number + ", 'more')");
      case 6 -> session.execute("SELECT lo_from_bytea(0, 'another')");
      case 7 -> session.execute("VACUUM hot");
      case 8 -> session.execute("REFRESH MATERIALIZED VIEW summed");
      default ->
          session.execute(
              "INSERT INTO hot (what) SELECT 'hot ' || i FROM generate_series(1, 20) i");
    }
  }

  /// @return how much was done
  long stopWork() throws InterruptedException {
    working.set(false);
    for (Thread writer : writers) {
      writer.join();
    }
    writers.clear();
    return statements.getAndSet(0);
  }

  @Override
  public void close() throws Exception {
    stopWork();
    inProgress.close();
    cluster.close();
  }
}
