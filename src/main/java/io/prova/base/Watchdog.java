package io.prova.base;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// Interrupts the thread that made it when that takes longer than it may.
public final class Watchdog implements AutoCloseable {

  private final AtomicBoolean barked = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();
  private final Thread sleeper;

  public Watchdog(Duration limit) {
    Thread watched = Thread.currentThread();
    sleeper =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Thread.sleep(limit);
                if (over.compareAndSet(false, true)) {
                  barked.set(true);
                  watched.interrupt();
                }
              } catch (InterruptedException e) {
                // in time
              }
            });
  }

  /// Whether it was the watchdog that interrupted.
  public boolean barked() {
    return barked.get();
  }

  @Override
  public void close() {
    over.set(true);
    sleeper.interrupt();
  }
}
