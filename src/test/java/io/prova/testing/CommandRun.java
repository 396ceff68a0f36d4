package io.prova.testing;

import io.prova.Main;
import io.prova.app.Surroundings;
import io.prova.base.Language;
import io.prova.postgres.OsUser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Runs the program as `main` does, with its output caught.
public final class CommandRun {

  private final Path workingDirectory;
  private final Map<String, String> variables = new LinkedHashMap<>();
  private Language language = Language.ENGLISH;
  private InstantSource clock = InstantSource.system();

  private CommandRun(Path workingDirectory) {
    this.workingDirectory = workingDirectory;
    variables.put("PATH", "/usr/bin:/bin");
    variables.put("TERM", "xterm"); // somebody looks
  }

  public static CommandRun in(Path workingDirectory) {
    return new CommandRun(workingDirectory);
  }

  public CommandRun with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  public CommandRun without(String variable) {
    variables.remove(variable);
    return this;
  }

  public CommandRun speaking(Language wanted) {
    language = wanted;
    return this;
  }

  public CommandRun at(InstantSource time) {
    clock = time;
    return this;
  }

  /// What a command left behind.
  public record Result(int exitCode, String out, String error) {

    /// Each line of the standard output; not JSON is an error.
    public List<JsonNode> json() {
      return out.lines().map(line -> new JsonMapper().readTree(line)).toList();
    }

    /// The only line of a schema.
    public JsonNode json(String schema) {
      List<JsonNode> found =
          json().stream().filter(each -> each.path("schema").asString("").equals(schema)).toList();
      if (found.size() != 1) {
        throw new AssertionError(found.size() + " lines of " + schema + " in:\n" + this);
      }
      return found.getFirst();
    }
  }

  public Result run(String... arguments) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    Surroundings surroundings =
        new Surroundings(
            Map.copyOf(variables),
            workingDirectory,
            OsUser.current(),
            "test-host",
            language,
            "0.0.0-test",
            clock);
    int exitCode =
        Main.run(
            arguments,
            surroundings,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(error, true, StandardCharsets.UTF_8));
    return new Result(
        exitCode, out.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
  }
}
