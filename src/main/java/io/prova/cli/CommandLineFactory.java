package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Surroundings;
import io.prova.app.Trouble;
import io.prova.base.Failure;
import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.base.Text;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Makes the parser of the command line, with the ways errors leave the program.
public final class CommandLineFactory {

  private CommandLineFactory() {}

  /// A parser of every command.
  public static CommandLine create(Surroundings surroundings, PrintStream out, PrintStream error) {
    return create(surroundings, out, error, ProvaCommand.COMMANDS.keySet());
  }

  /// A parser of these arguments: describing every command would take longer than most commands
  /// run, so where the first argument names one, the others are left out.
  ///
  /// @param arguments what the parser will be given
  public static CommandLine forArguments(
      Surroundings surroundings, PrintStream out, PrintStream error, String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    if (first.equals("--version")) {
      return create(surroundings, out, error, Set.of());
    }
    boolean alone =
        ProvaCommand.COMMANDS.containsKey(first) && !first.equals(CompletionCommand.NAME);
    return create(surroundings, out, error, alone ? Set.of(first) : ProvaCommand.COMMANDS.keySet());
  }

  private static CommandLine create(
      Surroundings surroundings, PrintStream out, PrintStream error, Set<String> commands) {
    ProvaCommand root = new ProvaCommand(surroundings, out, error);
    CommandLine commandLine = new CommandLine(root);
    commands.forEach(
        name -> commandLine.addSubcommand(name, new CommandLine(ProvaCommand.COMMANDS.get(name))));
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(error, true, StandardCharsets.UTF_8));
    commandLine.getCommandSpec().version("prova " + surroundings.version());
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setUsageHelpLongOptionsMaxWidth(34);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler((e, arguments) -> usageError(root, e, arguments));
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> failure(root, e));
    TranslatedHelp.apply(commandLine, surroundings.language());
    return commandLine;
  }

  /// What went wrong with the options is told in the user's language, not in picocli's.
  private static int usageError(ProvaCommand root, ParameterException e, String[] arguments) {
    Message problem = usageProblem(e, root.surroundings().language());
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    Optional<String> meant =
        e instanceof UnmatchedArgumentException unmatched
            ? nearest(unmatched.getUnmatched().getFirst(), e.getCommandLine())
            : Optional.empty();
    OperationFailed failed =
        new OperationFailed(
            Failure.USAGE,
            problem,
            meant.isPresent()
                ? message("Did you mean \"{0}\"? {1} --help explains.", meant.get(), command)
                : message("{0} --help explains.", command));
    // The mistake may have been met before --json was.
    boolean json = Arrays.asList(arguments).contains("--json");
    root.output(new Redactor(), json).failed(failed);
    return failed.failure().exitCode();
  }

  private static Message usageProblem(ParameterException e, Language language) {
    return switch (e) {
      case UnmatchedArgumentException unmatched ->
          message("unknown argument: {0}", unmatched.getUnmatched());
      case MissingParameterException missing
          when missing.getMissing().getFirst() instanceof OptionSpec option ->
          message("{0} needs a value", option.longestName());
      case MissingParameterException missing ->
          message(
              "missing: {0}",
              missing.getMissing().stream()
                  .map(each -> TranslatedHelp.label(each, language))
                  .toList());
      case OverwrittenOptionException overwritten ->
          message("{0} is given twice", name(overwritten.getOverwritten(), language));
      default -> {
        ArgSpec argument = e.getArgSpec();
        yield argument == null
            ? message("{0}", String.valueOf(e.getMessage()))
            : message(
                "{0}: \"{1}\" does not fit; it takes {2}",
                name(argument, language),
                String.valueOf(e.getValue()),
                TranslatedHelp.label(argument, language));
      }
    };
  }

  private static String name(ArgSpec argument, Language language) {
    return argument instanceof OptionSpec option
        ? option.longestName()
        : TranslatedHelp.label(argument, language);
  }

  private static Optional<String> nearest(String word, CommandLine commandLine) {
    List<String> known =
        word.startsWith("-")
            ? commandLine.getCommandSpec().options().stream()
                .map(option -> option.longestName())
                .toList()
            : List.copyOf(commandLine.getSubcommands().keySet());
    return Text.nearest(word.replaceFirst("=.*", ""), known);
  }

  private static int failure(ProvaCommand root, Exception e) {
    OperationFailed failed =
        e instanceof InterruptedException
            ? new OperationFailed(
                Failure.INTERRUPTED, message("interrupted; nothing half-made was kept"))
            : Trouble.of(e);
    root.output(root.redactor()).failed(failed);
    if (root.surroundings().variables().containsKey("PROVA_TRACE")) {
      e.printStackTrace();
    }
    return failed.failure().exitCode();
  }
}
