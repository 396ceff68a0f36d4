package io.prova.postgres.connection;

import io.prova.base.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// libpq's password file: `hostname:port:database:username:password`, `*` matches anything, `\`
/// escapes.
final class PassFile {

  private static final Set<PosixFilePermission> OPEN_TO_OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private PassFile() {}

  /// The password of the first line that fits; empty where there is none, where the file is absent,
  /// and, as in libpq, where others may read it.
  static Optional<Secret> find(Path file, String host, int port, String database, String user)
      throws IOException {
    if (!Files.isRegularFile(file) || isOpenToOthers(file)) {
      return Optional.empty();
    }
    for (String line : Files.readAllLines(file)) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      List<String> fields = split(line);
      if (fields.size() >= 5
          && matches(fields.get(0), host)
          && matches(fields.get(1), Integer.toString(port))
          && matches(fields.get(2), database)
          && matches(fields.get(3), user)) {
        return Optional.of(new Secret(fields.get(4)));
      }
    }
    return Optional.empty();
  }

  static boolean isOpenToOthers(Path file) throws IOException {
    return Files.getPosixFilePermissions(file).stream().anyMatch(OPEN_TO_OTHERS::contains);
  }

  private static boolean matches(String pattern, String value) {
    return pattern.equals("*") || pattern.equals(value);
  }

  private static List<String> split(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean escaped = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (escaped) {
        field.append(c);
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == ':') {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
