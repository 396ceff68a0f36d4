package io.prova.alert;

import io.prova.base.Message;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Something that went wrong and that people should hear of.
///
/// @param key what it is about, such as `main/backup/logical`: incidents with one key are one
///   [Alert], told again each time and closed once
/// @param what in a clause, without the cluster's name: "logical backup failed"
/// @param occurredAt with the key it identifies the incident: raising it twice tells it once
/// @param operation its id, as in the journal
/// @param error what is wrong, expected and found
/// @param hint what may help
/// @param commands what to type next, each on its own
/// @param lastLines the end of the log; only the last ones are told
public record Incident(
    String key,
    String cluster,
    Severity severity,
    Audience audience,
    Message what,
    Instant occurredAt,
    Optional<String> operation,
    Optional<Message> error,
    Optional<Message> hint,
    List<String> commands,
    List<String> lastLines) {}
