package io.prova.testing;

import java.util.Random;

/// Random choices that can be repeated: the seed is printed, and `-Dseed=` sets it.
public final class Seeded {

  private Seeded() {}

  /// @param test whose choices they are, for the printed line
  public static Random random(Class<?> test) {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println(test.getSimpleName() + ": -Dseed=" + seed);
    return new Random(seed);
  }
}
