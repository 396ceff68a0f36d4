package io.prova.journal;

import io.prova.base.Message;

/// What a line of the file turned out to be, looked at for itself.
sealed interface Line permits JournalRecord, Line.Flaw {

  /// Not a record, or not the one that was written.
  record Flaw(Message problem, Message expected, Message found) implements Line {

    JournalVerification.Damaged on(long line) {
      return new JournalVerification.Damaged(line, problem, expected, found);
    }
  }
}
