package io.prova;

/// The program's entry: parses, wires, runs; ends with the operation's exit code.
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    System.out.println("prova");
  }
}
