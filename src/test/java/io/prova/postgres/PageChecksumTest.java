package io.prova.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.testing.PgCluster;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageChecksumTest {

  /// Only PostgreSQL's own pages can tell whether its constants were copied right.
  @Test
  void itIsPostgresqlsChecksumOnEveryPageOfACluster() throws Exception {
    try (PgCluster cluster = PgCluster.start()) {
      cluster.sql(
          "postgres",
          "CREATE TABLE t AS SELECT i, md5(i::text) AS word FROM generate_series(1, 20000) i",
          "CREATE INDEX ON t (word)");
      cluster.stopServer();
      int[] pages = {0, 0};
      List<String> wrong = new ArrayList<>();
      new DataDirectory(cluster.dataDirectory(), 15)
          .walk(entry -> {
            if (!entry.relation()) {
              return;
            }
            MemorySegment content = MemorySegment.ofArray(Files.readAllBytes(entry.place()));
            for (long at = 0; at < content.byteSize(); at += PageChecksum.PAGE) {
              long block = entry.firstBlock() + at / PageChecksum.PAGE;
              pages[0]++;
              if (!PageChecksum.isRight(content, at, block)) {
                wrong.add(entry.path() + " " + block);
              }
              if (PageChecksum.isRight(content, at, block + 1)) {
                pages[1]++; // new pages only
              }
            }
          });
      assertThat(wrong).isEmpty();
      assertThat(pages[0]).isGreaterThan(1000);
      assertThat(pages[1]).isLessThan(pages[0] / 10);
      assertThat(
              ControlFile.isWhole(
                  Files.readAllBytes(cluster.dataDirectory().resolve(DataDirectory.CONTROL_FILE))))
          .isTrue();
    }
  }
}
