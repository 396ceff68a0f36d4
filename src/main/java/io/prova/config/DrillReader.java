package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.drill.DrillOptions;
import io.prova.drill.DrillOptions.Assertion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the key `drill`.
final class DrillReader {

  /// A Unix socket's path has at most 107 bytes, and the scratch server's takes 52 below this.
  private static final int LONGEST_DIRECTORY = 55;

  private static final ValueType<Path> DIRECTORY =
      ValueType.parsed(
          message(
              "a path that begins with \"/\", of at most {0} bytes, since a socket has to fit below it",
              LONGEST_DIRECTORY),
          DrillReader::directory,
          Path::toString);

  private static final ValueType<Optional<String>> OS_USER =
      ValueType.text(
              message("a user of this machine other than root, whom PostgreSQL refuses"),
              text -> text.matches("[A-Za-z_][A-Za-z0-9_.-]*|[1-9][0-9]*") && !text.equals("root"))
          .or("auto");

  private static final ValueType<String> LIBRARY =
      ValueType.text(message("the name of a library"), text -> text.matches("[^\\s,'\"]+"));

  private DrillReader() {}

  static DrillOptions read(Section drill) {
    DrillOptions defaults = DrillOptions.DEFAULTS;
    return new DrillOptions(
        drill.value("directory", DIRECTORY, defaults.directory()),
        drill.value("os_user", OS_USER, defaults.osUser()),
        drill.value("time_limit", ClusterReader.LIMIT, defaults.timeLimit()),
        drill.value("preload_libraries", LIBRARY.list(), defaults.preloadLibraries()),
        assertions(drill));
  }

  private static List<Assertion> assertions(Section drill) {
    List<Assertion> assertions = new ArrayList<>();
    for (Section each : drill.sections("assertions")) {
      Optional<String> name = each.required("name", ValueType.TEXT);
      Optional<String> database = each.required("database", ValueType.TEXT);
      Optional<String> sql = each.required("sql", ValueType.TEXT_BLOCK);
      assertions.add(new Assertion(name.orElse(""), database.orElse(""), sql.orElse("")));
    }
    return List.copyOf(assertions);
  }

  private static Path directory(String text) {
    Path directory = Path.of(text).normalize();
    if (!directory.isAbsolute()
        || directory.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_DIRECTORY) {
      throw new IllegalArgumentException(text);
    }
    return directory;
  }
}
