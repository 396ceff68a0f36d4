package io.prova.alert;

import io.prova.base.Message;
import java.time.Instant;
import java.util.Optional;

/// How one attempt to tell one recipient ended.
///
/// @param key of the alert
/// @param channel such as `email:ops@example.com`; never holds a secret
/// @param attempt counted from 1
/// @param problem empty when the message was delivered
/// @param nextAttempt empty when it was delivered, or is given up
public record DeliveryResult(
    String key,
    String channel,
    int attempt,
    Optional<Message> problem,
    Optional<Instant> nextAttempt) {

  public boolean isDelivered() {
    return problem.isEmpty();
  }
}
