package io.prova.testing;

import java.util.List;
import java.util.Map;

/// Dumps that must be the same, to the last byte. Where they are not, the first differing line is
/// shown: whole dumps are megabytes.
public final class Dumps {

  private Dumps() {}

  public static void assertSame(String found, String expected) {
    assertSame("the dump", found, expected);
  }

  /// @param found by database
  public static void assertSame(Map<String, String> found, Map<String, String> expected) {
    expected.forEach((name, dump) -> {
      if (!found.containsKey(name)) {
        throw new AssertionError(name + " is missing");
      }
      assertSame(name, found.get(name), dump);
    });
  }

  private static void assertSame(String name, String found, String expected) {
    if (found.equals(expected)) {
      return;
    }
    List<String> is = found.lines().toList();
    List<String> shall = expected.lines().toList();
    int line = 0;
    while (line < is.size() && line < shall.size() && is.get(line).equals(shall.get(line))) {
      line++;
    }
    throw new AssertionError(
        "%s differs at line %d:\nexpected %s\nfound    %s"
            .formatted(name, line + 1, around(shall, line), around(is, line)));
  }

  private static String around(List<String> lines, int line) {
    return line < lines.size()
        ? String.join("\n         ", lines.subList(line, Math.min(lines.size(), line + 4)))
        : "the end";
  }
}
