package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Durations;
import io.prova.base.Language;
import io.prova.base.Message;
import java.io.PrintStream;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One line on a terminal that shows the current step, how far it is, how fast, and how long it
/// will still take.
final class ProgressLine {

  private static final Duration REFRESH = Duration.ofMillis(200);
  private static final int BAR_CELLS = 24;

  private final PrintStream to;
  private final Language language;
  private final boolean enabled;
  private @Nullable Message step;
  private long stepBegan = System.nanoTime();
  private long lastShown;
  private boolean shown;

  ProgressLine(PrintStream to, Language language, boolean enabled) {
    this.to = to;
    this.language = language;
    this.enabled = enabled;
  }

  synchronized void step(Message next) {
    step = next;
    stepBegan = System.nanoTime();
    lastShown = 0;
    if (enabled) {
      show("");
    }
  }

  synchronized void progress(ByteCount done, OptionalLong total) {
    if (!enabled || !isDue()) {
      return;
    }
    double seconds = Math.max(0.001, (System.nanoTime() - stepBegan) / 1e9);
    double rate = done.bytes() / seconds;
    StringBuilder text = new StringBuilder();
    if (total.isPresent() && total.getAsLong() > 0) {
      double share = Math.min(1, (double) done.bytes() / total.getAsLong());
      int full = (int) (share * BAR_CELLS);
      text.append("█".repeat(full)).append("░".repeat(BAR_CELLS - full));
      text.append(String.format(language.locale(), " %3.0f%% ", share * 100));
    }
    text.append(done.in(language))
        .append("  ")
        .append(new ByteCount((long) rate).in(language))
        .append("/s");
    if (total.isPresent() && rate > 0 && total.getAsLong() > done.bytes()) {
      Duration left = Duration.ofMillis((long) ((total.getAsLong() - done.bytes()) / rate * 1000));
      text.append("  ").append(message("{0} left", Durations.in(language, left)).in(language));
    }
    show(text.toString());
  }

  /// Whether enough time has passed to tell again.
  synchronized boolean isDue() {
    long now = System.nanoTime();
    if (now - lastShown < REFRESH.toNanos()) {
      return false;
    }
    lastShown = now;
    return true;
  }

  private void show(String text) {
    String name = step == null ? "" : step.in(language);
    to.print("\r\u001b[K" + name + (text.isEmpty() ? " …" : "  " + text));
    to.flush();
    shown = true;
  }

  synchronized void clear() {
    if (shown) {
      to.print("\r\u001b[K");
      to.flush();
      shown = false;
    }
  }
}
