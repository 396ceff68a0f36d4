package io.prova.alert;

import io.prova.base.Message;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Ends what takes too long, however it hangs: a server can send one byte a second and so escape
/// every limit on single reads.
final class TimeLimit {

  @FunctionalInterface
  interface Task {
    void run() throws DeliveryFailed, InterruptedException;
  }

  private TimeLimit() {}

  /// Runs `task`, interrupting it after `limit`. Looking up a name cannot be interrupted; it ends
  /// unattended.
  static void run(Duration limit, Task task) throws DeliveryFailed, InterruptedException {
    FutureTask<Boolean> run =
        new FutureTask<>(() -> {
          task.run();
          return true;
        });
    Thread.ofVirtual().name("alert").start(run);
    try {
      run.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new DeliveryFailed(Message.message("not done after {0}", limit));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DeliveryFailed failed) {
        throw failed;
      }
      // A bug of ours; its text may hold anything, and the other recipients must still be told.
      String bug = Objects.requireNonNull(e.getCause()).getClass().getName();
      throw new DeliveryFailed(Message.message("failed with {0}", bug));
    } finally {
      run.cancel(true);
    }
  }
}
