package io.prova.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TaskGroupTest {

  /// What ends cleanly on an interrupt must be left in peace while it does.
  @Test
  void whatStillRunsAtTheEndIsInterruptedOnceAndWaitedFor() throws Exception {
    for (int round = 0; round < 200; round++) {
      AtomicInteger interrupts = new AtomicInteger();
      CountDownLatch started = new CountDownLatch(1);
      try (TaskGroup group = TaskGroup.ofWaiters()) {
        Future<Void> _ =
            group.submit(() -> {
              started.countDown();
              try {
                Thread.sleep(60_000);
              } catch (InterruptedException e) {
                interrupts.incrementAndGet();
              }
              try {
                Thread.sleep(1);
              } catch (InterruptedException e) {
                interrupts.incrementAndGet();
              }
              return null;
            });
        started.await();
      }
      assertThat(interrupts).hasValue(1);
    }
  }
}
