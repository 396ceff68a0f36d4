package io.prova.alert;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Something that is wrong: one or more incidents with the same key, until it works again.
///
/// @param audiences who is told
/// @param since when the first of the incidents in a row occurred
/// @param occurredAt when the latest did, `times` in all
/// @param operation of the latest, as in the journal
/// @param what the latest, in one clause
public record Alert(
    String key,
    String cluster,
    Severity severity,
    Set<Audience> audiences,
    Instant since,
    Instant occurredAt,
    int times,
    Optional<String> operation,
    String what) {

  public Alert {
    audiences = Collections.unmodifiableSet(EnumSet.copyOf(audiences));
  }

  public boolean isEscalated() {
    return audiences.contains(Audience.ADMINISTRATORS);
  }

  Alert escalated() {
    return new Alert(
        key,
        cluster,
        severity,
        EnumSet.allOf(Audience.class),
        since,
        occurredAt,
        times,
        operation,
        what);
  }
}
