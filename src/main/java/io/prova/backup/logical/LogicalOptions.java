package io.prova.backup.logical;

import io.prova.catalog.Compression;
import io.prova.catalog.DumpFormat;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// How logical backups are made.
///
/// @param include patterns of database names; `*` stands for any characters
/// @param exclude patterns that win over `include`
/// @param jobs parallel workers of pg_dump; only the directory format has them
/// @param timeLimit after which a dump counts as hanging and is ended
/// @param lockWait how long pg_dump waits for a table that someone has locked
public record LogicalOptions(
    List<String> include,
    List<String> exclude,
    DumpFormat format,
    Compression compression,
    int jobs,
    Duration timeLimit,
    Duration lockWait) {

  public static final LogicalOptions DEFAULTS =
      new LogicalOptions(
          List.of("*"),
          List.of(),
          DumpFormat.PLAIN,
          Compression.NONE,
          1,
          Duration.ofHours(12),
          Duration.ofMinutes(5));

  /// Whether a database of this name is wanted.
  public boolean takes(String database) {
    return matchesAny(include, database) && !matchesAny(exclude, database);
  }

  private static boolean matchesAny(List<String> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, name));
  }

  /// `*` stands for any characters, everything else for itself.
  static boolean matches(String pattern, String name) {
    StringBuilder regex = new StringBuilder();
    for (String literal : pattern.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(name).matches();
  }
}
