package io.prova.app;

import io.prova.base.Language;
import io.prova.postgres.OsUser;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/// What the program finds around itself: the only place that asks the process's environment.
///
/// @param variables the environment, as the user's shell had it
public record Surroundings(
    Map<String, String> variables,
    Path workingDirectory,
    OsUser user,
    String host,
    Language language,
    String version,
    InstantSource clock) {

  public static Surroundings ofProcess() throws IOException {
    Map<String, String> variables = System.getenv();
    return new Surroundings(
        variables,
        Path.of("").toAbsolutePath(),
        OsUser.current(),
        hostName(),
        Language.ofLocaleName(localeName(variables)),
        readVersion(),
        InstantSource.system());
  }

  /// The launcher replaces `LC_ALL` (Java takes file names' encoding from it) and keeps the user's
  /// beside.
  private static String localeName(Map<String, String> variables) {
    for (String name : new String[] {"PROVA_LOCALE", "LC_ALL", "LC_MESSAGES", "LANG"}) {
      String value = variables.get(name);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return "";
  }

  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException unknown) {
        return "localhost";
      }
    }
  }

  private static String readVersion() throws IOException {
    try (InputStream in = Surroundings.class.getResourceAsStream("/io/prova/version.txt")) {
      if (in == null) {
        throw new IllegalStateException("missing resource version.txt");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip().replace("prova ", "");
    }
  }
}
