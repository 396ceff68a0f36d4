package io.prova.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until a test moves it.
public final class SteppingClock implements InstantSource {

  private final AtomicReference<Instant> now;

  public SteppingClock(Instant start) {
    now = new AtomicReference<>(start);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  public void advance(Duration step) {
    now.updateAndGet(before -> before.plus(step));
  }

  /// Forward or back, as an administrator's hand may do.
  public void set(Instant moment) {
    now.set(moment);
  }
}
