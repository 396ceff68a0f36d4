package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Surroundings;
import io.prova.app.Trouble;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.base.Text;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Makes the parser of the command line, with the ways errors leave the program.
public final class CommandLineFactory {

  private CommandLineFactory() {}

  public static CommandLine create(Surroundings surroundings, PrintStream out, PrintStream error) {
    ProvaCommand root = new ProvaCommand(surroundings, out, error);
    CommandLine commandLine = new CommandLine(root);
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(error, true, StandardCharsets.UTF_8));
    commandLine.getCommandSpec().version("prova " + surroundings.version());
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setUsageHelpLongOptionsMaxWidth(30);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler((e, arguments) -> usageError(root, e));
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> failure(root, e));
    TranslatedHelp.apply(commandLine, surroundings.language());
    return commandLine;
  }

  /// What went wrong with the options is told in the user's language, not in picocli's.
  private static int usageError(ProvaCommand root, ParameterException e) {
    Message problem =
        switch (e) {
          case UnmatchedArgumentException unmatched ->
              message("unknown argument: {0}", unmatched.getUnmatched());
          case MissingParameterException missing ->
              message(
                  "missing: {0}",
                  missing.getMissing().stream().map(each -> each.paramLabel()).toList());
          default -> message("{0}", String.valueOf(e.getMessage()));
        };
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
    root.output(new Redactor()).failed(failed);
    return failed.failure().exitCode();
  }

  private static Optional<String> nearest(String word, CommandLine commandLine) {
    List<String> known =
        word.startsWith("-")
            ? commandLine.getCommandSpec().options().stream()
                .map(option -> option.longestName())
                .toList()
            : List.copyOf(commandLine.getSubcommands().keySet());
    return Text.nearest(word, known);
  }

  private static int failure(ProvaCommand root, Exception e) {
    OperationFailed failed =
        e instanceof InterruptedException
            ? new OperationFailed(
                Failure.INTERRUPTED, message("interrupted; nothing half-made was kept"))
            : Trouble.of(e);
    root.output(new Redactor()).failed(failed);
    if (root.surroundings().variables().containsKey("PROVA_TRACE")) {
      e.printStackTrace();
    }
    return failed.failure().exitCode();
  }
}
