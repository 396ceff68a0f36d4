package io.prova.journal;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import java.util.Optional;

/// What reading the whole journal has shown.
public sealed interface JournalVerification {

  /// Every record is as it was written and none is missing.
  ///
  /// @param torn how many times a crash cut a record short; each is accounted for by the next
  ///   record, and none had been acknowledged
  /// @param last the newest record; empty for a journal without any
  record Intact(long records, long torn, Optional<Anchor> last) implements JournalVerification {}

  /// The journal is not what was written.
  ///
  /// @param line the first bad one, counted from 1; for records lost from the end, the line where
  ///   the next should stand
  record Damaged(long line, Message problem, Message expected, Message found)
      implements JournalVerification {

    public OperationFailed failure() {
      return new OperationFailed(
          Failure.JOURNAL_DAMAGED,
          Message.message(
              "line {0} of the journal: {1}; expected {2}, found {3}",
              line, problem, expected, found),
          Message.message(
              "Keep the journal's directory as evidence: move it aside, and the next command begins a new journal. The anchors in backups and evidence say what the lost records were."));
    }
  }
}
