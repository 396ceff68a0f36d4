package io.prova.base;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Interrupts the thread that made it when that takes longer than it may.
public final class Watchdog implements AutoCloseable {

  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicBoolean barked = new AtomicBoolean();
  private final Thread watching;

  public Watchdog(Duration limit) {
    Thread watched = Thread.currentThread();
    watching =
        Thread.ofVirtual()
            .start(() -> {
              try {
                if (!over.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                  barked.set(true);
                  watched.interrupt();
                }
              } catch (InterruptedException e) {
                // nobody interrupts it
              }
            });
  }

  /// Whether it was the watchdog that interrupted.
  public boolean barked() {
    return barked.get();
  }

  /// Waits until it can no longer interrupt.
  @Override
  public void close() {
    over.countDown();
    boolean interrupted = false;
    while (watching.isAlive()) {
      try {
        watching.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (barked.get()) {
      Thread.interrupted(); // it has been heard, or came too late to matter
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
