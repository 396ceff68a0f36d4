package io.prova.postgres.connection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// libpq's connection service file: `[name]` followed by `keyword=value` lines.
final class ServiceFile {

  private ServiceFile() {}

  /// The parameters of `service`; empty where the file or the section is absent.
  static Optional<Map<String, String>> find(Path file, String service) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Map<String, String> found = null;
    for (String raw : Files.readAllLines(file)) {
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        if (found != null) {
          break;
        }
        if (line.equals("[" + service + "]")) {
          found = new LinkedHashMap<>();
        }
      } else if (found != null) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          found.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
        }
      }
    }
    return Optional.ofNullable(found);
  }
}
