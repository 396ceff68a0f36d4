package io.prova.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.catalog.BackupKind;
import io.prova.testing.Dumps;
import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A table of more than 1 GiB: PostgreSQL keeps it in several files.
@Tag("slow")
class LargeTableTest {

  private static final long GIB = 1L << 30;

  @Test
  void aTableOfSeveralFilesComesBackBothWays() throws Exception {
    try (PgCluster cluster = PgCluster.start("max_wal_size = 4GB");
        Prova prova = Prova.forCluster(cluster, "logical: { compression: zstd }")) {
      cluster.sql("postgres", "CREATE DATABASE large");
      cluster.sql(
          "large",
          "CREATE TABLE t (id integer, filler text) WITH (fillfactor = 10)", // much file, little
          // data
          "INSERT INTO t SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 150000) i",
          "CREATE INDEX ON t (id)");
      try (var session = cluster.session("large")) {
        assertThat(session.number("SELECT pg_relation_size('t')")).isGreaterThan(GIB);
      }
      String before = cluster.dump("large", "--create");
      prova.succeeds("backup");
      assertThat(secondSegments(prova.stored(BackupKind.PHYSICAL))).hasSize(1);

      cluster.sql("large", "DELETE FROM t WHERE id % 3 = 0");
      prova.succeeds("restore", "--database=large", "--replace", "--yes");
      Dumps.assertSame(cluster.dump("large", "--create"), before);
      try (PgCluster copy = PgCluster.unfilled()) {
        prova.succeeds("restore", "--to=" + copy.dataDirectory(), "--owner=" + copy.owner().name());
        copy.startRestored();
        Dumps.assertSame(copy.dump("large", "--create"), before);
      }
      prova.succeeds("drill");
    }
  }

  private static List<Path> secondSegments(Path backup) throws Exception {
    try (Stream<Path> files = Files.walk(backup.resolve("data/base"))) {
      return files.filter(file -> file.getFileName().toString().endsWith(".1")).toList();
    }
  }
}
