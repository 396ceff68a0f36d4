package io.prova.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProofTest {

  private static final Instant START = Instant.parse("2026-11-22T05:00:00Z");

  private static ProofRecord record(int minute, String test, ProofLevel... reached) {
    return new ProofRecord(
        CheckedJson.FORMAT,
        new Label("2026-11-22_02-00"),
        "id",
        START.plusSeconds(60L * minute),
        "operation",
        test,
        reached.length == 0 ? Optional.empty() : Optional.of(reached[0]),
        reached.length == 0 ? List.of("wrong") : List.of(),
        Optional.empty());
  }

  private static ProofRecord verified(int minute) {
    return record(minute, "verify", ProofLevel.VERIFIED);
  }

  private static ProofRecord proven(int minute) {
    return record(minute, ProofRecord.DRILL, ProofLevel.PROVEN);
  }

  private static ProofRecord failedVerify(int minute) {
    return record(minute, "verify");
  }

  private static ProofRecord failedDrill(int minute) {
    return record(minute, ProofRecord.DRILL);
  }

  @Test
  void theHighestLevelCounts() {
    assertThat(Proof.of(List.of(proven(1), verified(2))).isProven()).isTrue();
    assertThat(Proof.of(List.of(verified(1))).level()).isEqualTo(ProofLevel.VERIFIED);
    assertThat(Proof.of(List.of()).level()).isEqualTo(ProofLevel.STORED);
  }

  @Test
  void readingTheBytesAgainMakesARestoreTestNeitherYoungerNorUntold() {
    assertThat(Proof.of(List.of(proven(1), verified(2))).lastDrill()).contains(proven(1));
    assertThat(Proof.of(List.of(verified(1))).lastDrill()).isEmpty();
  }

  @Test
  void aFailedDrillIsAnsweredOnlyByADrill() {
    List<ProofRecord> records = new ArrayList<>(List.of(proven(1), failedDrill(2), verified(3)));
    assertThat(Proof.of(records).damaged()).isTrue();
    assertThat(Proof.of(records).latest()).contains(failedDrill(2));
    records.add(record(4, ProofRecord.DRILL, ProofLevel.STARTED));
    assertThat(Proof.of(records).damaged()).isFalse();
    assertThat(Proof.of(records).level()).isEqualTo(ProofLevel.STARTED);
  }

  @Test
  void bytesThatWereWrongOnceAreNotProvenByWhatWasShownBefore() {
    Proof proof = Proof.of(List.of(proven(1), failedVerify(2), verified(3)));
    assertThat(proof.damaged()).isFalse();
    assertThat(proof.level()).isEqualTo(ProofLevel.VERIFIED);
    assertThat(Proof.of(List.of(failedVerify(1), proven(2))).isProven()).isTrue();
  }

  @Test
  void ofTwoTestsAtOneMomentTheFailedOneCounts() {
    assertThat(Proof.of(List.of(failedVerify(1), verified(1))).damaged()).isTrue();
    assertThat(Proof.of(List.of(verified(1), failedVerify(1))).damaged()).isTrue();
  }

  @Test
  void theOrderInWhichRecordsAreReadDoesNotMatter() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      List<ProofRecord> records = new ArrayList<>();
      for (int i = 0; i < random.nextInt(1, 8); i++) {
        int minute = random.nextInt(20) * 10 + i;
        records.add(
            switch (random.nextInt(4)) {
              case 0 -> verified(minute);
              case 1 -> proven(minute);
              case 2 -> failedVerify(minute);
              default -> failedDrill(minute);
            });
      }
      Proof proof = Proof.of(records);
      Collections.shuffle(records, random);
      assertThat(Proof.of(records)).as("seed %s: %s", seed, records).isEqualTo(proof);
      if (records.stream().max(java.util.Comparator.comparing(ProofRecord::time)).get().failed()) {
        assertThat(proof.damaged()).as("seed %s: %s", seed, records).isTrue();
      }
    }
  }
}
