package io.prova.engine.pack;

import java.io.IOException;

/// A whole object of a format version that this program does not know: a newer Prova wrote it.
public final class UnknownFormatException extends IOException {

  public UnknownFormatException(String message) {
    super(message);
  }
}
