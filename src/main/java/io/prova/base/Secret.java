package io.prova.base;

import java.util.Objects;

/// A password or token. It shows itself to nobody: only [#reveal] gives the text, to hand it to
/// where it is used.
public final class Secret {

  private final String text;

  public Secret(String text) {
    this.text = Objects.requireNonNull(text, "text");
  }

  public String reveal() {
    return text;
  }

  public boolean isEmpty() {
    return text.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
