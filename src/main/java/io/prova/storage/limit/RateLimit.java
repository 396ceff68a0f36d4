package io.prova.storage.limit;

import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// So many bytes a second, shared by all who take from it. Nobody may save up more than a tenth of
/// a second's worth.
public final class RateLimit {

  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MOST_SAVED_NANOS = NANOS / 10;

  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private long paidUntil;

  /// @param nanoTime a clock that never jumps, such as [System#nanoTime]
  public RateLimit(long bytesPerSecond, LongSupplier nanoTime) {
    if (bytesPerSecond <= 0) {
      throw new IllegalArgumentException("not a rate: " + bytesPerSecond);
    }
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.paidUntil = nanoTime.getAsLong();
  }

  /// Waits until `bytes` more may be moved.
  public void take(long bytes) throws InterruptedIOException {
    long until = reserve(bytes);
    for (long left = until - nanoTime.getAsLong(); left > 0; left = until - nanoTime.getAsLong()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted");
      }
    }
  }

  /// @return when they may be moved
  private synchronized long reserve(long bytes) {
    long now = nanoTime.getAsLong();
    long from = Math.max(paidUntil, now - MOST_SAVED_NANOS);
    paidUntil = from + (long) ((double) bytes / bytesPerSecond * NANOS);
    return from;
  }
}
