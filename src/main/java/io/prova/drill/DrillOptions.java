package io.prova.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How drills are done.
///
/// @param directory where scratch servers get their directories; needs room for a restored copy,
///   and a short path
/// @param osUser who runs the scratch server when Prova runs as root
/// @param timeLimit for one backup's drill; what takes longer is "not tested", never "passed"
/// @param preloadLibraries libraries that the data needs to be readable; none by default, since
///   such libraries may start jobs
/// @param assertions the user's own checks
public record DrillOptions(
    Path directory,
    Optional<String> osUser,
    Duration timeLimit,
    List<String> preloadLibraries,
    List<Assertion> assertions) {

  /// A query that must return true (or any number of rows that are all true) in the restored
  /// database.
  public record Assertion(String name, String database, String sql) {}

  public static final DrillOptions DEFAULTS =
      new DrillOptions(
          Path.of("/var/tmp"), Optional.empty(), Duration.ofHours(12), List.of(), List.of());
}
