package io.prova.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The number that `initdb` gives a cluster and that its copies keep: two data directories with the
/// same one have a common origin. Unsigned, 64 bits.
public record SystemIdentifier(long value) {

  @JsonCreator
  public static SystemIdentifier parse(String text) {
    return new SystemIdentifier(Long.parseUnsignedLong(text));
  }

  @JsonValue
  @Override
  public String toString() {
    return Long.toUnsignedString(value);
  }
}
