package io.prova.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.catalog.Repository;
import io.prova.testing.BackupBuilder;
import io.prova.testing.CommandRun;
import io.prova.testing.PgCluster;
import io.prova.testing.ScratchPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

/// The day after somebody emptied the tables: the backup is whole, and must not push out the good
/// ones.
class SuspiciousBackupTest {

  @Test
  void aSuddenlyTinyBackupIsKeptFlaggedAndFreezesRetentionUntilAccepted() throws Exception {
    try (PgCluster cluster = PgCluster.start("wal_level = replica");
        ScratchPlan plan = ScratchPlan.of(cluster)) {
      cluster.sql("postgres", "CREATE DATABASE shop");
      cluster.sql("shop", "CREATE TABLE orders AS SELECT i FROM generate_series(1, 5000) i");
      plan.prova("init", "--connection", "host=" + cluster.root() + " user=postgres");
      plan.done("backup");
      String old = publishOldBackup(plan);

      cluster.sql("shop", "DELETE FROM orders WHERE i > 500");
      CommandRun.Result tiny = plan.prova("backup", "--logical");
      assertThat(tiny.exitCode()).as(tiny.toString()).isEqualTo(21);
      assertThat(tiny.error())
          .contains("database shop has 500 rows, the backup before it had 5,000")
          .contains("nothing older was removed");
      String label = newest(plan);
      assertThat(plan.done("list").out()).contains(old).containsPattern(label + ".*looks wrong");
      assertThat(plan.prova("journal", "-n", "1").out()).contains("result=suspicious");

      // The next one is as tiny: compared with it alone it would look right.
      CommandRun.Result again = plan.prova("backup", "--logical", "--json");
      assertThat(again.exitCode()).isEqualTo(21);
      String second = newest(plan);
      CommandRun.Result physical = plan.prova("backup", "--physical");
      assertThat(physical.exitCode()).isEqualTo(21);
      assertThat(physical.error())
          .contains("the cluster has 500 rows, the backup before it had 5,000");
      String third = newest(plan);

      assertThat(plan.prova("expire").exitCode()).isEqualTo(50);
      assertThat(plan.done("list").out()).contains(old);
      assertThat(plan.prova("status").out()).contains("looks wrong");
      for (String each : new String[] {label, second, third}) {
        assertThat(plan.done("list").out()).contains(old);
        plan.done("accept", each, "--why", "the orders moved to another system");
      }
      CommandRun.Result expire = plan.done("expire");
      assertThat(expire.out()).contains(old + " went to the trash");
      assertThat(plan.done("backup", "--logical").error()).doesNotContain("wrong");
    }
  }

  /// One that retention would let go at once.
  private static String publishOldBackup(ScratchPlan plan) throws Exception {
    Repository repository = Repository.open(plan.repository());
    return BackupBuilder.backup()
        .zone(ZoneId.of("America/Sao_Paulo"))
        .started(Instant.now().minus(Duration.ofDays(50)))
        .sequence(0)
        .publishIn(repository)
        .label()
        .text();
  }

  private static String newest(ScratchPlan plan) throws Exception {
    return Repository.open(plan.repository()).catalog().list().entries().getLast().label().text();
  }
}
