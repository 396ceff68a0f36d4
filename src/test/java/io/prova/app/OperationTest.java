package io.prova.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.journal.JournalRecord;
import io.prova.testing.Installation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OperationTest {

  /// A second interrupt, which comes while the first is handled, would close the journal's file
  /// under the last record.
  @Test
  void anOperationThatIsInterruptedTwiceIsJournaledAllTheSame() throws Exception {
    try (Installation installation = Installation.empty()) {
      installation.write("repository: " + installation.repository() + "\n" + installation.common());
      Wiring wiring = installation.wiring();
      assertThatThrownBy(() ->
              Operation.run(
                  wiring,
                  wiring.cluster(Optional.empty()),
                  "backup",
                  Map.of(),
                  Optional.empty(),
                  event -> {},
                  operation -> {
                    Thread.currentThread().interrupt();
                    throw new InterruptedException();
                  }))
          .isInstanceOf(InterruptedException.class);
      List<JournalRecord> journal = installation.journal();
      assertThat(journal).extracting(JournalRecord::event).containsExactly("start", "end");
      assertThat(journal.getLast().details().toString()).contains("interrupted");
      assertThat(installation.told("team")).isEmpty();
    }
  }
}
