package io.prova.journal;

import io.prova.base.Digest;
import io.prova.base.Message;

/// A record of the journal, named from outside by its number and hash. Whoever keeps one (in
/// `backup.json`, in evidence, in a report that has left the house) can later prove that the
/// journal still holds that record and everything before it, unchanged: see [Journal#verify].
public record Anchor(long seq, Digest hash) {

  /// What the first record follows.
  static final Anchor GENESIS = new Anchor(0, new Digest("0".repeat(64)));

  Message message() {
    return Message.message("record {0} ({1})", Long.toString(seq), hash);
  }

  @Override
  public String toString() {
    return message().toString();
  }
}
