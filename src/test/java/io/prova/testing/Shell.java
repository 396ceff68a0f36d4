package io.prova.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a person types into a shell. A script ends at its first failing command, and then fails the
/// test with all that was said.
public final class Shell {

  private final Map<String, String> variables = new LinkedHashMap<>();

  public Shell() {
    set("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    set("LC_ALL", "C.UTF-8");
    set("HOME", "/nonexistent");
  }

  public Shell set(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  /// @return its output
  public String run(String script) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(List.of("bash", "-euo", "pipefail", "-c", script));
    builder.environment().clear();
    builder.environment().putAll(variables);
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new AssertionError("exit code " + code + " of:\n" + script + "\n" + said);
    }
    return said;
  }
}
