package io.prova.engine.pack;

import java.util.Arrays;

/// The frames of a pack that is being written, in 16 bytes each.
final class FrameList {

  private int[] stored = new int[256];
  private int[] raw = new int[256];
  private long[] checks = new long[256];
  private int size;

  void add(int storedBytes, int rawBytes, Check check) {
    if (size == stored.length) {
      stored = Arrays.copyOf(stored, 2 * size);
      raw = Arrays.copyOf(raw, 2 * size);
      checks = Arrays.copyOf(checks, 2 * size);
    }
    stored[size] = storedBytes;
    raw[size] = rawBytes;
    checks[size] = check.value();
    size++;
  }

  int size() {
    return size;
  }

  int stored(int frame) {
    return stored[frame];
  }

  int raw(int frame) {
    return raw[frame];
  }

  long check(int frame) {
    return checks[frame];
  }
}
