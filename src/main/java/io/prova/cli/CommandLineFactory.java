package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Surroundings;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.base.Text;
import io.prova.catalog.DamagedException;
import io.prova.catalog.UnknownFormatException;
import io.prova.postgres.connection.SqlFailed;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
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
        switch (e) {
          case OperationFailed known -> known;
          case SqlFailed sql ->
              new OperationFailed(
                  sql.isPrivilege() ? Failure.PRIVILEGE : Failure.CONNECTION,
                  message("PostgreSQL refused: {0}", String.valueOf(sql.getMessage())),
                  message("prova check says which rights lack."));
          case InterruptedException _ ->
              new OperationFailed(
                  Failure.INTERRUPTED, message("interrupted; nothing half-made was kept"));
          case DamagedException damaged ->
              new OperationFailed(
                  Failure.DAMAGED,
                  message("{0}", String.valueOf(damaged.getMessage())),
                  message(
                      "It is not used, and nothing was changed. prova verify names everything that is damaged."));
          case UnknownFormatException unknown ->
              new OperationFailed(
                  Failure.REPOSITORY,
                  message("{0}", String.valueOf(unknown.getMessage())),
                  message("It is not damaged. Install the newer version to use it."));
          case AccessDeniedException denied ->
              new OperationFailed(
                  Failure.PRIVILEGE,
                  message("{0} may not be accessed", String.valueOf(denied.getMessage())),
                  message("Nothing is known of it. Run this as the owner of that file."));
          case IOException io ->
              new OperationFailed(
                  io.getMessage() != null && io.getMessage().contains("No space left on device")
                      ? Failure.SPACE
                      : Failure.INTERNAL,
                  message("{0}", io.toString()));
          default ->
              new OperationFailed(
                  Failure.INTERNAL,
                  message("internal error: {0}", e.toString()),
                  message("Please report it, with PROVA_TRACE=1 set for the details."));
        };
    root.output(new Redactor()).failed(failed);
    if (root.surroundings().variables().containsKey("PROVA_TRACE")) {
      e.printStackTrace();
    }
    return failed.failure().exitCode();
  }
}
