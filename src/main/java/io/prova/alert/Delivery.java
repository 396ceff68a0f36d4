package io.prova.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How far a notice has come on one channel.
///
/// @param channel such as `email:ops@example.com`; never holds a secret
/// @param attempts so far
/// @param lastError what the last attempt failed with
/// @param nextAttempt when it is due; empty when it was delivered, or given up
record Delivery(
    String channel,
    int attempts,
    Optional<String> lastError,
    Optional<Instant> nextAttempt,
    Optional<Instant> deliveredAt) {

  private static final Duration FIRST_WAIT = Duration.ofMinutes(1);

  /// A mail server that is repaired in the night should not wait for the morning.
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /// After a week the message helps nobody; the alert stays open and visible all the same.
  private static final Duration GIVEN_UP_AFTER = Duration.ofDays(7);

  static Delivery due(String channel, Instant now) {
    return new Delivery(channel, 0, Optional.empty(), Optional.of(now), Optional.empty());
  }

  boolean isPending() {
    return nextAttempt.isPresent();
  }

  boolean isDue(Instant now) {
    // A time further off than any wait was set by a clock that was wrong.
    return nextAttempt
        .filter(next -> !next.isAfter(now) || next.isAfter(now.plus(LONGEST_WAIT)))
        .isPresent();
  }

  Delivery delivered(Instant now) {
    return new Delivery(
        channel, attempts + 1, Optional.empty(), Optional.empty(), Optional.of(now));
  }

  /// @param announced when the notice was made
  Delivery failed(String error, Instant announced, Instant now) {
    Optional<Instant> next =
        announced.plus(GIVEN_UP_AFTER).isAfter(now)
            ? Optional.of(now.plus(waitAfter(attempts + 1)))
            : Optional.empty();
    return new Delivery(channel, attempts + 1, Optional.of(error), next, Optional.empty());
  }

  /// 1, 2, 4, … minutes.
  private static Duration waitAfter(int attempts) {
    Duration wait = FIRST_WAIT;
    for (int i = 1; i < attempts && wait.compareTo(LONGEST_WAIT) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
  }
}
