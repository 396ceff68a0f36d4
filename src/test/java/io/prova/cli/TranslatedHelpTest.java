package io.prova.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.app.Surroundings;
import io.prova.base.Failure;
import io.prova.base.Language;
import io.prova.base.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TranslatedHelpTest {

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private Surroundings surroundings(Language language) throws IOException {
    Surroundings here = Surroundings.ofProcess();
    return new Surroundings(
        Map.of(),
        here.workingDirectory(),
        here.user(),
        here.host(),
        language,
        here.version(),
        here.clock());
  }

  private CommandLine commandLine(Language language) throws IOException {
    PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
    CommandLine commandLine = CommandLineFactory.create(surroundings(language), stream, stream);
    commandLine.setUsageHelpAutoWidth(false);
    commandLine.setUsageHelpWidth(500); // so that no text is broken
    return commandLine;
  }

  private static List<CommandLine> all(CommandLine root) {
    List<CommandLine> all = new ArrayList<>(List.of(root));
    root.getSubcommands().values().forEach(sub -> all.addAll(all(sub)));
    return all;
  }

  @Test
  void helpShowsAsManyLinesInPortuguese() throws IOException {
    List<CommandLine> english = all(commandLine(Language.ENGLISH));
    List<CommandLine> portuguese = all(commandLine(Language.PORTUGUESE));

    assertThat(portuguese).hasSameSizeAs(english);
    for (int i = 0; i < english.size(); i++) {
      String name = english.get(i).getCommandSpec().qualifiedName();
      assertThat(portuguese.get(i).getUsageMessage().lines())
          .as(name)
          .hasSameSizeAs(english.get(i).getUsageMessage().lines().toList());
    }
  }

  @Test
  void noLineOfPortugueseHelpIsEnglish() throws IOException {
    List<String> english =
        HelpTexts.all().stream()
            .map(HelpTexts.Shown::text)
            .filter(text -> text.length() > "COMMAND".length())
            .toList();

    for (CommandLine each : all(commandLine(Language.PORTUGUESE))) {
      assertThat(each.getUsageMessage())
          .startsWith("Uso: prova")
          .doesNotContain(english)
          .doesNotContain("COMMAND", "FILE", "NAME");
    }
  }

  @Test
  void eachOptionHasItsOwnText() throws IOException {
    List<CommandLine> english = all(commandLine(Language.ENGLISH));
    List<CommandLine> portuguese = all(commandLine(Language.PORTUGUESE));

    for (int i = 0; i < english.size(); i++) {
      String help = portuguese.get(i).getUsageMessage();
      for (CommandLine.Model.ArgSpec each : english.get(i).getCommandSpec().args()) {
        String text = new Message(each.description()[0], List.of()).in(Language.PORTUGUESE);
        assertThat(help).contains(text);
      }
    }
  }

  private String mistake(String... arguments) throws IOException {
    said.reset();
    assertThat(commandLine(Language.PORTUGUESE).execute(arguments))
        .isEqualTo(Failure.USAGE.exitCode());
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void mistakesOnTheCommandLineAreToldInPortuguese() throws IOException {
    assertThat(mistake("lst"))
        .isEqualTo(
            "erro: argumento desconhecido: lst\n  Você quis dizer \"list\"? prova --help explica.\n");
    assertThat(mistake("show")).isEqualTo("erro: falta: RÓTULO\n  prova show --help explica.\n");
    assertThat(mistake("list", "--config"))
        .isEqualTo("erro: --config precisa de um valor\n  prova list --help explica.\n");
    assertThat(mistake("journal", "-n", "3", "-n", "4"))
        .isEqualTo("erro: --last foi informado duas vezes\n  prova journal --help explica.\n");
    assertThat(mistake("journal", "--last", "many"))
        .isEqualTo(
            "erro: --last: \"many\" não serve; o esperado é N\n  prova journal --help explica.\n");
  }
}
