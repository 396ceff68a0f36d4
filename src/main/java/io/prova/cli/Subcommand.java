package io.prova.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// What all commands share.
abstract class Subcommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public final Integer call() throws IOException, InterruptedException {
    ProvaCommand root = (ProvaCommand) spec.root().userObject();
    return root.run(this::run);
  }

  /// @return the exit code
  abstract int run(Session session) throws IOException, InterruptedException;
}
