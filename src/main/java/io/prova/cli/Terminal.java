package io.prova.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// What the program's output goes to.
///
/// @param errorIsTerminal whether a person sees the error output, where progress is shown
/// @param colours whether the output takes colours
/// @param errorColours whether the error output does
/// @param unattended whether nobody looks at all, as under cron: then success is silent
public record Terminal(
    boolean errorIsTerminal, boolean colours, boolean errorColours, boolean unattended) {

  static Terminal ofProcess(Map<String, String> variables) {
    boolean out = isTerminal(1);
    boolean error = isTerminal(2);
    boolean dumb = "dumb".equals(variables.get("TERM"));
    boolean plain = dumb || !variables.getOrDefault("NO_COLOR", "").isEmpty();
    boolean anyTerminal = isTerminal(0) || out || error || variables.containsKey("TERM");
    return new Terminal(error && !dumb, out && !plain, error && !plain, !anyTerminal);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }
}
