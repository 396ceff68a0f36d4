package io.prova.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// One test of one backup, as an object of its own below `proofs/<label>/`.
///
/// @param backupId the backup's id: a label that comes again is another backup
/// @param number counts the tests of a backup: their order, whatever clocks say
/// @param reached the level that this test showed; absent when the backup failed it
/// @param findings what was found wrong
/// @param evidence the file of the drill's evidence, relative to the repository
public record ProofRecord(
    int format,
    Label label,
    String backupId,
    Optional<Long> number,
    Instant time,
    String operation,
    String test,
    Optional<ProofLevel> reached,
    List<String> findings,
    Optional<String> evidence) {

  /// The `test` of a drill.
  public static final String DRILL = "drill";

  public ProofRecord {
    Objects.requireNonNull(test, "test");
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(backupId, "backup_id");
    Objects.requireNonNull(time, "time");
    findings = findings == null ? List.of() : findings;
  }

  /// Of a test that is not stored yet: [Catalog#addProof] gives it its number.
  public ProofRecord(
      int format,
      Label label,
      String backupId,
      Instant time,
      String operation,
      String test,
      Optional<ProofLevel> reached,
      List<String> findings,
      Optional<String> evidence) {
    this(
        format,
        label,
        backupId,
        Optional.empty(),
        time,
        operation,
        test,
        reached,
        findings,
        evidence);
  }

  ProofRecord numbered(long next) {
    return new ProofRecord(
        format,
        label,
        backupId,
        Optional.of(next),
        time,
        operation,
        test,
        reached,
        findings,
        evidence);
  }

  public boolean failed() {
    return reached.isEmpty();
  }

  /// What the test was to show at least, and so what answers its failure: a drill's only another
  /// drill, everything else's that all bytes are right again.
  ProofLevel tested() {
    return test.equals(DRILL) ? ProofLevel.STARTED : ProofLevel.VERIFIED;
  }
}
