package io.prova.cli;

import io.prova.app.Surroundings;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;

/// What `--help` shows of all commands.
public final class HelpTexts {

  /// A text and the source file that holds it.
  public record Shown(String text, String file) {}

  private HelpTexts() {}

  /// All but the commands that are given as examples: they are the same in every language.
  public static List<Shown> all() throws IOException {
    CommandLine commandLine =
        CommandLineFactory.create(Surroundings.ofProcess(), System.out, System.err);
    return TranslatedHelp.texts(commandLine).stream()
        .filter(each -> !each.text().startsWith("  "))
        .map(each -> new Shown(each.text(), each.file()))
        .toList();
  }
}
