package io.prova.app;

import io.prova.Main;

/// What the AOT cache learns from: the classes that the everyday commands load.
public final class AotTraining {

  private AotTraining() {}

  public static void main(String[] args) {
    Main.main(new String[] {"--version"});
  }
}
