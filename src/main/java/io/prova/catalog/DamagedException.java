package io.prova.catalog;

import java.io.IOException;

/// What was read is not what was written. Not to be mistaken for a format that is too new, nor for
/// a bug of ours.
public final class DamagedException extends IOException {

  public DamagedException(String message) {
    super(message);
  }

  public DamagedException(String message, Throwable cause) {
    super(message, cause);
  }
}
