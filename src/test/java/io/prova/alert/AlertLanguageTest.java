package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.testing.Installation;
import io.prova.testing.PgCluster;
import java.nio.file.Files;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/// A daemon has no locale of its own, so the configuration may say in which language it writes.
class AlertLanguageTest {

  @Test
  void alertsAreWrittenInTheLanguageOfTheConfiguration() throws Exception {
    try (PgCluster cluster = PgCluster.start("wal_level = replica");
        Installation installation =
            Installation.of(cluster, "physical: {schedule: never}", InstantSource.system())) {
      cluster.stopServer();
      Files.writeString(
          installation.configFile(),
          Files.readString(installation.configFile()) + "  language: pt\n");
      assertThat(installation.run("backup", "--logical").exitCode()).isEqualTo(11);
      Message what = Message.message("logical backup failed");
      Message heading = Message.message("Last lines of the log");
      assertThat(installation.told("team"))
          .containsExactly("raised [Prova] main: " + what.in(Language.PORTUGUESE));
      assertThat(installation.toldInFull("team")).contains(heading.in(Language.PORTUGUESE));
    }
  }
}
