package io.prova.journal;

import io.prova.base.Redactor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Another process that appends: `<directory> <name> <count>`. Prints each anchor once the append
/// has returned.
final class JournalAppender {

  private JournalAppender() {}

  public static void main(String[] arguments) throws Exception {
    Journal journal =
        Journal.open(
            Path.of(arguments[0]),
            new Author(arguments[1], "host"),
            InstantSource.system(),
            new Redactor());
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      Anchor anchor =
          journal.append(
              new JournalEntry(
                  arguments[1],
                  JournalEntry.NOTE,
                  "test",
                  Optional.empty(),
                  Map.of("number", i, "text", "x".repeat(i % 3000))));
      System.out.println(anchor.seq() + " " + anchor.hash());
    }
  }

  static Process start(Path directory, String name, int count) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            JournalAppender.class.getName(),
            directory.toString(),
            name,
            Integer.toString(count))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
