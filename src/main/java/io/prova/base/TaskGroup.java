package io.prova.base;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Tasks that run beside each other and never outlive the block that started them: close() ends
/// what still runs.
public final class TaskGroup implements AutoCloseable {

  private final ExecutorService executor;
  private final List<Future<?>> futures = new ArrayList<>();

  private TaskGroup(ExecutorService executor) {
    this.executor = executor;
  }

  /// For work that computes: as many threads as `workers`.
  public static TaskGroup ofWorkers(int workers) {
    return new TaskGroup(
        Executors.newFixedThreadPool(workers, Thread.ofPlatform().daemon().factory()));
  }

  /// For work that waits: a virtual thread each.
  public static TaskGroup ofWaiters() {
    return new TaskGroup(Executors.newVirtualThreadPerTaskExecutor());
  }

  public <T> Future<T> submit(Callable<T> task) {
    Future<T> future = executor.submit(task);
    futures.removeIf(Future::isDone);
    futures.add(future);
    return future;
  }

  /// The result of `future`, or its failure as it was thrown.
  public static <T> T join(Future<T> future) throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (CancellationException e) {
      throw new InterruptedException("cancelled");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case InterruptedException interrupted -> throw interrupted;
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// Cancels what has not ended and waits for it. Each task is interrupted once: a second interrupt
  /// would hit it while it ends cleanly.
  @Override
  public void close() {
    futures.forEach(future -> future.cancel(true));
    executor.shutdown();
    executor.close();
  }
}
