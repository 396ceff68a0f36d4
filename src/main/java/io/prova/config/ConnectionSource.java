package io.prova.config;

import java.util.Map;

/// What the configuration says about a connection, before environment, service and password files
/// are consulted.
///
/// @param given libpq keywords, and `password_file`
/// @param origin file and line
public record ConnectionSource(Map<String, String> given, String origin) {

  /// Without values, since a password may be among them.
  @Override
  public String toString() {
    return "ConnectionSource[" + given.keySet() + ", " + origin + "]";
  }
}
