package io.prova.postgres.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.postgres.fingerprint.FingerprintComparison.Outcome;
import io.prova.postgres.fingerprint.FingerprintComparison.Restored;
import io.prova.testing.PgCluster;
import java.io.IOException;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FingerprintTest {

  private static PgCluster cluster;

  @BeforeAll
  static void startCluster() throws IOException, InterruptedException {
    cluster = PgCluster.start();
    cluster.sql("postgres", "CREATE DATABASE one", "CREATE DATABASE two");
    for (String database : new String[] {"one", "two"}) {
      cluster.sql(
          database,
          "CREATE TABLE t (id int PRIMARY KEY, word text, at timestamptz)",
          "CREATE SEQUENCE s",
          "CREATE TABLE parts (k int, v text) PARTITION BY HASH (k)",
          "CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
          "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
          "CREATE TABLE nothing ()");
    }
    cluster.sql(
        "one",
        "INSERT INTO t SELECT i, 'w' || i, '2026-01-01'::timestamptz + i * interval '1 h' FROM generate_series(1, 100) i",
        "INSERT INTO parts SELECT i, 'x' FROM generate_series(1, 50) i");
    // The same rows, in another order and from another time zone.
    cluster.sql(
        "two",
        "SET TimeZone = 'America/Sao_Paulo'",
        "INSERT INTO t SELECT i, 'w' || i, '2026-01-01 00:00+00'::timestamptz + i * interval '1 h' FROM generate_series(100, 1, -1) i",
        "INSERT INTO parts SELECT i, 'x' FROM generate_series(50, 1, -1) i",
        "ALTER DATABASE two SET TimeZone = 'Asia/Kathmandu'");
  }

  @AfterAll
  static void stopCluster() throws IOException {
    cluster.close();
  }

  private static Fingerprint take(String database) {
    try (FingerprintSession session = FingerprintSession.connect(cluster.connection(database))) {
      session.begin(InstantSource.system());
      session.lock();
      return session.complete(
          session.measure(FingerprintBudget.UNLIMITED), java.util.Optional.empty());
    }
  }

  @Test
  void sameRowsInAnyOrderHaveTheSameFingerprint() {
    FingerprintComparison comparison =
        FingerprintComparison.of(take("one"), take("two"), Restored.LOGICAL);
    assertThat(comparison.different()).isEmpty();
    assertThat(comparison.proves()).isTrue();
    assertThat(comparison.tables(Outcome.EQUAL)).isEqualTo(4);
  }

  @Test
  void oneChangedCharacterIsADifference() {
    Fingerprint before = take("one");
    cluster.sql("one", "UPDATE t SET word = 'W7' WHERE id = 7");
    try {
      FingerprintComparison comparison =
          FingerprintComparison.of(before, take("one"), Restored.LOGICAL);
      assertThat(comparison.different())
          .extracting(check -> check.subject() + ": " + check.detail())
          .containsExactly("table public.t: 100 rows as expected, but their content differs");
    } finally {
      cluster.sql("one", "UPDATE t SET word = 'w7' WHERE id = 7");
    }
  }
}
