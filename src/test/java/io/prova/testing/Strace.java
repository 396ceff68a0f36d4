package io.prova.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes a system call of a program kill it, or fail. strace counts the calls of each kind in each
/// thread.
public final class Strace {

  private static final Pattern CALL = Pattern.compile("^(\\d+) +(\\w+)\\((.*)$");

  private Strace() {}

  /// A call that a thread of the program made.
  ///
  /// @param when the how manyth of its kind in its thread
  public record Call(String thread, String name, int when, String rest) {}

  public static boolean works() throws InterruptedException {
    try {
      Process process = new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true").start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // not installed
    }
  }

  /// Words before a command that record its calls of the kinds named into `file`.
  public static List<String> recording(Path file, String... names) {
    return List.of(
        "strace",
        "-f",
        "-y",
        "--seccomp-bpf",
        "-o",
        file.toString(),
        "-e",
        "trace=" + String.join(",", names));
  }

  /// Words before a command whose `when`th call of `name` kills it, before anything is done. Not
  /// with `--seccomp-bpf`, under which strace injects no signals.
  public static List<String> killing(String name, int when) {
    return List.of(
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "trace=" + name,
        "-e",
        "inject=" + name + ":signal=KILL:when=" + when);
  }

  /// Words before a command whose `when`th call of `name`, in each thread, fails with `error`;
  /// recorded into `file`.
  public static List<String> failing(Path file, String name, String error, int when) {
    return List.of(
        "strace",
        "-f",
        "-y",
        "-o",
        file.toString(),
        "-e",
        "trace=" + name,
        "-e",
        "inject=" + name + ":error=" + error + ":when=" + when);
  }

  public static List<Call> read(Path file) throws IOException {
    List<Call> calls = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      Matcher matcher = CALL.matcher(line);
      if (matcher.matches()) {
        String key = matcher.group(1) + matcher.group(2);
        int when = counts.merge(key, 1, Integer::sum);
        calls.add(new Call(matcher.group(1), matcher.group(2), when, matcher.group(3)));
      }
    }
    return calls;
  }
}
