package io.prova.postgres;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// PostgreSQL's programs installed on this machine, in all their majors.
public final class ClientTools {

  /// One program and its version.
  public record Tool(Path program, ServerVersion version) {}

  private static final List<Path> FAMILIES =
      List.of(Path.of("/usr/lib/postgresql"), Path.of("/opt/homebrew/opt"));
  private static final Duration VERSION_LIMIT = Duration.ofSeconds(20);

  private final List<Path> directories;
  private final Redactor redactor;
  private final Map<Path, Optional<ServerVersion>> versions = new ConcurrentHashMap<>();

  private ClientTools(List<Path> directories, Redactor redactor) {
    this.directories = directories;
    this.redactor = redactor;
  }

  /// @param configured directories to use instead of searching; empty to search
  /// @param path the value of `PATH`
  public static ClientTools on(List<Path> configured, String path, Redactor redactor)
      throws IOException {
    if (!configured.isEmpty()) {
      return new ClientTools(List.copyOf(configured), redactor);
    }
    Set<Path> directories = new LinkedHashSet<>();
    for (Path family : FAMILIES) {
      addChildren(directories, family, "*");
    }
    addChildren(directories, Path.of("/usr"), "pgsql-*");
    directories.add(Path.of("/usr/local/pgsql/bin"));
    for (String each : path.split(":", -1)) {
      if (!each.isEmpty()) {
        directories.add(Path.of(each));
      }
    }
    return new ClientTools(List.copyOf(directories), redactor);
  }

  private static void addChildren(Set<Path> directories, Path family, String glob)
      throws IOException {
    if (!Files.isDirectory(family)) {
      return;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(family, glob)) {
      for (Path child : children) {
        directories.add(child.resolve("bin"));
      }
    }
  }

  /// The program `name` for a server of `major`: of the same major if there is one, else of the
  /// next newer. A dump made by a newer major may not restore into the older one, so the same is
  /// preferred.
  ///
  /// @throws OperationFailed (TOOLS) when only older ones, or none, are installed
  public Tool forServer(String name, int major) throws IOException, InterruptedException {
    List<Tool> found = all(name);
    return found.stream()
        .filter(tool -> tool.version.major() >= major)
        .min(
            Comparator.comparing(Tool::version, Comparator.comparingInt(ServerVersion::major))
                .thenComparing(Tool::version, Comparator.reverseOrder()))
        .orElseThrow(() -> missing(name, major, found));
  }

  private OperationFailed missing(String name, int major, List<Tool> found) {
    String packages =
        name.equals("initdb") || name.equals("postgres") ? "postgresql-" : "postgresql-client-";
    if (found.isEmpty()) {
      return new OperationFailed(
          Failure.TOOLS,
          message(
              "{0} of PostgreSQL {1} or newer is not installed; looked in {2}",
              name, major, directories),
          message(
              "Debian: apt-get install {0}{1}; or name its directory as `client_tools` in prova.yaml.",
              packages, major));
    }
    return new OperationFailed(
        Failure.TOOLS,
        message(
            "{0} {1} is older than the server, which is PostgreSQL {2}; an older {0} must not be used",
            name, found.getLast().version().toString(), major),
        message(
            "Debian: apt-get install {0}{1}; or name its directory as `client_tools` in prova.yaml.",
            packages, major));
  }

  /// Every installed version of program `name`, oldest first.
  public List<Tool> all(String name) throws IOException, InterruptedException {
    List<Tool> found = new ArrayList<>();
    Set<Path> seen = new LinkedHashSet<>();
    for (Path directory : directories) {
      Path program = directory.resolve(name);
      if (!Files.isExecutable(program)
          || !seen.add(program.toRealPath())
          || isDebianWrapper(program)) {
        continue;
      }
      Optional<ServerVersion> version = versions.get(program);
      if (version == null) {
        version = ask(program);
        versions.put(program, version);
      }
      version.ifPresent(known -> found.add(new Tool(program, known)));
    }
    found.sort(Comparator.comparing(Tool::version));
    return found;
  }

  /// Debian's /usr/bin/pg_dump chooses a version by itself, by rules that are not ours.
  private static boolean isDebianWrapper(Path program) throws IOException {
    return program.toRealPath().getFileName().toString().equals("pg_wrapper");
  }

  private Optional<ServerVersion> ask(Path program) throws InterruptedException {
    try {
      return ServerVersion.find(
          new ToolRun(redactor, program, List.of("--version")).text(VERSION_LIMIT));
    } catch (IOException e) {
      return Optional.empty(); // it does not even start: as good as not installed
    }
  }
}
