package io.prova.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.testing.PgCluster;
import io.prova.testing.TestRepository;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadMarkTest {

  private static List<String> databases(PgCluster cluster) {
    try (var session = cluster.session("postgres")) {
      return session.query(
          "SELECT datname FROM pg_database WHERE datname LIKE '%loading%' ORDER BY 1",
          row -> row.getString(1));
    }
  }

  @Test
  void whatKilledRestoresLeftGoesAndNothingElse() throws Exception {
    try (PgCluster cluster = PgCluster.start();
        TestRepository repository = TestRepository.forCluster(cluster)) {
      String ours = repository.repository().marker().id();
      cluster.sql(
          "postgres",
          "CREATE DATABASE prova_loading_marked",
          "ALTER DATABASE prova_loading_marked SET prova.loading TO '" + ours + "'",
          "CREATE DATABASE prova_loading_of_another",
          "ALTER DATABASE prova_loading_of_another SET prova.loading TO 'another repository'",
          "CREATE DATABASE prova_loading_new",
          "CREATE DATABASE prova_loading_filled",
          "CREATE DATABASE loading_elsewhere");
      for (String filled : List.of("prova_loading_marked", "prova_loading_filled")) {
        cluster.sql(filled, "CREATE TABLE t (x int)");
      }
      LoadMark.dropLeftovers(repository.restoreContext(), cluster.connection("postgres"));
      assertThat(databases(cluster))
          .containsExactly("loading_elsewhere", "prova_loading_filled", "prova_loading_of_another");
    }
  }
}
