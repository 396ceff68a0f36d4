package io.prova.alert;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// One message as every channel gets it; webhooks and commands see it as this JSON.
///
/// @param schema [#SCHEMA]; a change that readers must know of changes it
/// @param since when the first of the incidents in a row occurred, `times` in all
/// @param body plain text of some lines, for a person
record Announcement(
    String schema,
    Kind kind,
    String key,
    String cluster,
    Severity severity,
    Set<Audience> audiences,
    Instant occurredAt,
    Instant since,
    int times,
    String host,
    Optional<String> operation,
    String subject,
    String body) {

  static final String SCHEMA = "prova.alert.v1";

  enum Kind {
    @JsonProperty("raised")
    RAISED,
    @JsonProperty("repeated")
    REPEATED,
    @JsonProperty("escalated")
    ESCALATED,
    @JsonProperty("resolved")
    RESOLVED,
    @JsonProperty("test")
    TEST
  }
}
