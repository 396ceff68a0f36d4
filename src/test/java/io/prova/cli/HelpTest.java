package io.prova.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.prova.app.Surroundings;
import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.postgres.OsUser;
import io.prova.testing.CommandRun;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/// What the program says of itself.
class HelpTest {

  private static final int COLUMNS = 80;

  /// Commands that change something, if only a record of ours.
  private static final List<String> CHANGING =
      List.of(
          "init",
          "backup",
          "verify",
          "restore",
          "recover",
          "drill",
          "expire",
          "pin",
          "unpin",
          "accept",
          "undelete",
          "serve");

  @TempDir private Path directory;

  private static CommandLine commandLine(Language language) throws IOException {
    return CommandLineFactory.create(
        new Surroundings(
            Map.of(),
            Path.of("/"),
            OsUser.current(),
            "host",
            language,
            "0",
            InstantSource.system()),
        System.out,
        System.err);
  }

  /// By the words that call it.
  private static Map<List<String>, CommandLine> commands(Language language) throws IOException {
    Map<List<String>, CommandLine> commands =
        new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    collect(commands, List.of(), commandLine(language));
    return commands;
  }

  private static void collect(
      Map<List<String>, CommandLine> commands, List<String> words, CommandLine command) {
    commands.put(words, command);
    command
        .getSubcommands()
        .forEach((name, sub) -> {
          List<String> longer = new ArrayList<>(words);
          longer.add(name);
          collect(commands, longer, sub);
        });
  }

  @ParameterizedTest
  @EnumSource
  void everyCommandExplainsItselfInEightyColumns(Language language) throws Exception {
    for (Map.Entry<List<String>, CommandLine> each : commands(language).entrySet()) {
      List<String> words = new ArrayList<>(each.getKey());
      words.add("--help");
      CommandRun.Result result =
          CommandRun.in(directory).speaking(language).run(words.toArray(String[]::new));
      assertThat(result.exitCode()).as(words.toString()).isZero();
      assertThat(result.error()).as(words.toString()).isEmpty();
      assertThat(result.out())
          .as(words.toString())
          .startsWith(new Message("Usage: ", List.of()).in(language) + "prova")
          .contains("--json");
      String description = each.getValue().getCommandSpec().usageMessage().description()[0];
      assertThat(result.out().replaceAll("\\s+", " "))
          .as(words.toString())
          .contains(new Message(description, List.of()).in(language));
      assertThat(result.out().lines())
          .as(words.toString())
          .allSatisfy(line ->
              assertThat(line.codePointCount(0, line.length()))
                  .as(line)
                  .isLessThanOrEqualTo(COLUMNS));
    }
  }

  /// Paragraphs are wrapped where they are shown, so that they fit in every language; examples are
  /// not.
  @Test
  void commandAloneIsTheOneThatTheWholeTreeHolds() throws IOException {
    CommandLine whole = commandLine(Language.ENGLISH);
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    for (Map.Entry<String, CommandLine> each : whole.getSubcommands().entrySet()) {
      CommandLine alone =
          CommandLineFactory.forArguments(
              Surroundings.ofProcess(), nowhere, nowhere, each.getKey(), "--help");
      assertThat(each.getValue().getCommandName()).isEqualTo(each.getKey());
      assertThat(alone.getSubcommands().get(each.getKey()).getUsageMessage())
          .isEqualTo(each.getValue().getUsageMessage());
    }
  }

  @Test
  void everyLineOfAFooterIsASentenceOrAnExample() throws Exception {
    for (CommandLine command : commands(Language.ENGLISH).values()) {
      for (String line : command.getCommandSpec().usageMessage().footer()) {
        if (line.startsWith("  ")) {
          assertThat(line.length()).as(line).isLessThanOrEqualTo(COLUMNS);
        } else if (!line.isEmpty()) {
          assertThat(line).matches("[A-Z].*[.:]");
        }
      }
    }
  }

  @Test
  void everythingThatChangesSomethingHasADryRun() throws Exception {
    Map<List<String>, CommandLine> commands = commands(Language.ENGLISH);
    for (String name : CHANGING) {
      assertThat(commands.get(List.of(name)).getCommandSpec().optionsMap())
          .as(name)
          .containsKey("--dry-run");
    }
    List<String> others = new ArrayList<>();
    commands.forEach((words, command) -> {
      if (!words.isEmpty() && !CHANGING.contains(words.getFirst())) {
        others.add(String.join(" ", words));
      }
    });
    // A new command must be added above or here.
    assertThat(others)
        .containsExactlyInAnyOrder(
            "check",
            "completion",
            "config",
            "config check",
            "config show",
            "demo",
            "diff",
            "journal",
            "journal verify",
            "key",
            "key check",
            "key new",
            "key show",
            "list",
            "repository",
            "repository check-storage",
            "show",
            "status");
  }

  @Test
  void anUnknownWordSuggestsTheNearest() throws Exception {
    CommandRun prova = CommandRun.in(directory);
    CommandRun.Result option = prova.run("restore", "--databse=shop");
    assertThat(option.exitCode()).isEqualTo(64);
    assertThat(option.error())
        .isEqualTo(
            """
            error: unknown argument: --databse=shop
              Did you mean "--database"? prova restore --help explains.
            """);
    assertThat(prova.run("lits").error())
        .isEqualTo(
            """
            error: unknown argument: lits
              Did you mean "list"? prova --help explains.
            """);
    assertThat(prova.run("journal", "--last", "many").error())
        .isEqualTo(
            """
            error: --last: "many" does not fit; it takes N
              prova journal --help explains.
            """);
    assertThat(prova.run("show").error())
        .isEqualTo(
            """
            error: missing: LABEL
              prova show --help explains.
            """);
  }

  @Test
  void aMistakeOnTheCommandLineIsToldInJsonWhereverItStands() throws Exception {
    for (String[] words :
        List.of(
            new String[] {"--json", "lits"},
            new String[] {"lits", "--json"},
            new String[] {"journal", "--last", "many", "--json"},
            new String[] {"show", "--json"})) {
      CommandRun.Result result = CommandRun.in(directory).run(words);
      assertThat(result.error()).isEmpty();
      assertThat(result.json("prova.error.v1").path("failure").asString()).isEqualTo("USAGE");
      assertThat(result.json("prova.error.v1").path("exit_code").asInt())
          .isEqualTo(64)
          .isEqualTo(result.exitCode());
    }
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    Path script = directory.resolve("completion");
    Files.writeString(script, CommandRun.in(directory).run("completion").out());
    assertThat(bash(script, "complete -p prova")).contains("-F _complete_prova").contains("prova");
    assertThat(completions(script, "prova re"))
        .containsExactlyInAnyOrder("restore", "recover", "repository");
    assertThat(completions(script, "prova journal ver")).containsExactly("verify");
    assertThat(completions(script, "prova expire --dr")).containsExactly("--dry-run");
  }

  /// What bash would offer at the end of `line`.
  private static List<String> completions(Path script, String line) throws Exception {
    String words = "COMP_WORDS=(" + line + "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); ";
    return bash(
            script,
            words
                + "COMP_LINE='"
                + line
                + "'; COMP_POINT="
                + line.length()
                + "; _complete_prova 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\"")
        .lines()
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .toList();
  }

  private static String bash(Path script, String command) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-c", "source " + script + " && { " + command + "; }")
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    return out;
  }
}
