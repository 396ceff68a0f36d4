package io.prova.engine.seal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// The text of a file with secret keys, as `age-keygen` writes it and `age -i` reads it: one key a
/// line; lines that begin with `#` and empty ones mean nothing.
public final class KeyFile {

  private KeyFile() {}

  public static String write(Identity identity, Instant created) {
    return "# created: %s\n# public key: %s\n%s\n"
        .formatted(
            created.truncatedTo(ChronoUnit.SECONDS), identity.recipient(), identity.reveal());
  }

  /// @throws IllegalArgumentException naming the line, not its content, that is no key
  public static List<Identity> read(String text) {
    List<Identity> identities = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        identities.add(Identity.parse(line));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
      }
    }
    if (identities.isEmpty()) {
      throw new IllegalArgumentException("no key is in it");
    }
    return List.copyOf(identities);
  }
}
