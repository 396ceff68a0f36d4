package io.prova.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/// A directory of PostgreSQL's programs in which some do something else.
public final class FakeTools {

  private final Path directory;
  private final Path real;

  private FakeTools(Path directory, Path real) {
    this.directory = directory;
    this.real = real;
  }

  public static FakeTools in(ProvaSite site) throws IOException {
    Path directory = site.root().resolve("tools");
    if (!Files.exists(directory)) {
      Files.createDirectory(directory);
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    FakeTools tools = new FakeTools(directory, site.cluster().bin());
    try (Stream<Path> programs = Files.list(site.cluster().bin())) {
      for (Path program : programs.toList()) {
        tools.restore(program.getFileName().toString());
      }
    }
    site.set("client_tools", directory.toString());
    return tools;
  }

  /// The real program again.
  public void restore(String name) throws IOException {
    Path link = directory.resolve(name);
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, real.resolve(name));
  }

  /// @param script for sh, in which `$real` is the real program; asked for its version it answers
  ///   as that does
  public void replace(String name, String script) throws IOException {
    Path file = directory.resolve(name);
    Files.deleteIfExists(file);
    Files.writeString(
        file,
        """
        #!/bin/sh
        real=%s
        case "$*" in *--version*) exec "$real" "$@" ;; esac
        %s
        """
            .formatted(real.resolve(name), script));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
