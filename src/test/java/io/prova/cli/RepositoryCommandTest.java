package io.prova.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.testing.PgCluster;
import io.prova.testing.Prova;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RepositoryCommandTest {

  private static List<Path> contents(Path directory) throws Exception {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.sorted().toList();
    }
  }

  @Test
  void theStorageIsTriedAndNothingIsLeftBehind() throws Exception {
    try (PgCluster cluster = PgCluster.start();
        Prova prova = Prova.forCluster(cluster)) {
      List<Path> before = contents(prova.repository());
      assertThat(prova.succeeds("repository", "check-storage").toString())
          .contains("a taken key is refused", "keeps every promise");
      assertThat(contents(prova.repository())).isEqualTo(before);
    }
  }
}
