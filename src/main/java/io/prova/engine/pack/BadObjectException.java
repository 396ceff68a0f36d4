package io.prova.engine.pack;

import java.io.IOException;

/// A stored object is not what it should be: changed, cut, exchanged, or never ours. What it says
/// must not be used.
public final class BadObjectException extends IOException {

  private final String object;
  private final String finding;

  /// @param object its name
  /// @param finding what is wrong with it
  public BadObjectException(String object, String finding) {
    super(object + ": " + finding);
    this.object = object;
    this.finding = finding;
  }

  public String object() {
    return object;
  }

  public String finding() {
    return finding;
  }
}
