package io.prova.engine.seal;

import java.io.IOException;

/// A sealed object is not what was sealed: changed, cut, put together from others, or for nobody
/// whose key is here.
public final class BadSealException extends IOException {

  private final String object;
  private final String finding;

  /// @param object its name
  /// @param finding what is wrong with it
  public BadSealException(String object, String finding) {
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
