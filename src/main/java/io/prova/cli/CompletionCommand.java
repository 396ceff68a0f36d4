package io.prova.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `prova completion`.
@Command(
    name = CompletionCommand.NAME,
    description = "Print a script that completes prova's commands in bash and zsh.",
    footer = {"", "  source <(prova completion)"})
final class CompletionCommand implements Runnable {

  static final String NAME = "completion";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().println(AutoComplete.bash("prova", spec.root().commandLine()));
  }
}
