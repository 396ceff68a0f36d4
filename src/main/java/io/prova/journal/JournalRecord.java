package io.prova.journal;

import io.prova.base.Digest;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// One line of the journal, read back. Fields that a newer version added are covered by the hash,
/// which is over the line's bytes, but not shown.
///
/// @param seq counts from 1 without gaps
/// @param previous the hash of the record before; 64 zeros for the first
/// @param hash the SHA-256 of the line up to, and without, its `,"hash":"…"}`
public record JournalRecord(
    long seq,
    Instant time,
    Digest previous,
    String operation,
    String event,
    String command,
    String who,
    String host,
    Optional<String> cluster,
    Map<String, Object> details,
    Digest hash)
    implements Line {

  public Anchor anchor() {
    return new Anchor(seq, hash);
  }
}
