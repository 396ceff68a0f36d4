package io.prova.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A user of the operating system. PostgreSQL refuses to run as root, so servers that root starts
/// run as another.
public record OsUser(String name, int uid, int gid, Path home) {

  private static final Path USERS = Path.of("/etc/passwd");

  public boolean isRoot() {
    return uid == 0;
  }

  /// Who runs this program.
  public static OsUser current() throws IOException {
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    return find(Integer.toString(uid))
        .orElseThrow(
            () -> new IOException("user id " + uid + " has no entry in the user database"));
  }

  /// Users of the machine are read from its file, which costs nothing; others, from a directory
  /// service, are asked of `getent`.
  ///
  /// @param nameOrUid as `getent passwd` takes it
  public static Optional<OsUser> find(String nameOrUid) throws IOException {
    if (Files.isReadable(USERS)) {
      try (Stream<String> lines = Files.lines(USERS, StandardCharsets.ISO_8859_1)) {
        Optional<OsUser> local =
            lines
                .flatMap(line -> parse(line).stream())
                .filter(user ->
                    user.name.equals(nameOrUid) || Integer.toString(user.uid).equals(nameOrUid))
                .findFirst();
        if (local.isPresent()) {
          return local;
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    Process process =
        new ProcessBuilder("getent", "passwd", nameOrUid).redirectErrorStream(true).start();
    String line;
    try (InputStream out = process.getInputStream()) {
      line = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    return parse(line);
  }

  /// @param line as in passwd(5)
  private static Optional<OsUser> parse(String line) {
    String[] fields = line.split(":", -1);
    if (fields.length < 6) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new OsUser(
              fields[0],
              Integer.parseInt(fields[2]),
              Integer.parseInt(fields[3]),
              Path.of(fields[5])));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// What to write before a command so that it runs as this user: nothing when `runner` is this
  /// user already.
  public List<String> commandPrefix(OsUser runner) {
    return runner.uid == uid
        ? List.of()
        : List.of(
            "setpriv",
            "--reuid=" + uid,
            "--regid=" + gid,
            "--init-groups",
            "--inh-caps=-all",
            "--");
  }
}
