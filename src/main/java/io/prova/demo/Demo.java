package io.prova.demo;

import io.prova.app.Surroundings;

public final class Demo {
  private Demo() {}

  public static int run(Surroundings surroundings, boolean keep) {
    return keep ? 1 : 0;
  }
}
