package io.prova.alert;

import java.time.Instant;
import java.util.Optional;

/// A message that someone has still to receive.
///
/// @param key of the alert
/// @param subject of the message
/// @param nextAttempt empty when it is given up
public record Undelivered(
    String key,
    String subject,
    String channel,
    int attempts,
    Optional<String> lastError,
    Optional<Instant> nextAttempt) {}
