package io.prova.backup;

import java.nio.charset.StandardCharsets;

/// The file name for a database's name, which may hold anything: safe characters stay, the rest
/// becomes `%XX`.
public final class StoredName {

  private StoredName() {}

  public static String of(String name) {
    StringBuilder safe = new StringBuilder(name.length() + 8);
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xFF);
      boolean plain =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      // A leading dot would hide the file, a leading minus would look like an option.
      boolean plainInside = i > 0 && (c == '-' || c == '.');
      if (plain || plainInside) {
        safe.append(c);
      } else {
        safe.append(String.format("%%%02X", (int) c));
      }
    }
    return safe.toString();
  }
}
