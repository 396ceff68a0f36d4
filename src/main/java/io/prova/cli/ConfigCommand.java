package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.config.EffectiveValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `prova config`.
@Command(
    name = "config",
    description = "Check or show the configuration.",
    subcommands = {ConfigCommand.Check.class, ConfigCommand.Show.class})
final class ConfigCommand implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// `prova config check`.
  @Command(name = "check", description = "Read the configuration and report every error in it.")
  static final class Check extends Subcommand {

    @Override
    int run(Session session) {
      // Reading it was the check: with an error we would not be here.
      String file =
          session
              .wiring()
              .settings()
              .file()
              .map(Path::toString)
              .orElse(
                  message("no file: everything at its default").in(session.output().language()));
      session
          .output()
          .line(
              message(
                  "the configuration is right ({0}), {1} {1|cluster|clusters}",
                  file, session.wiring().settings().clusters().size()));
      session.output().json("prova.config.check.v1", Map.of("right", true));
      return 0;
    }
  }

  /// `prova config show`.
  @Command(
      name = "show",
      description = "Show every effective value and where it comes from; secrets stay hidden.")
  static final class Show extends Subcommand {

    @Override
    int run(Session session) {
      List<List<String>> rows = new ArrayList<>();
      for (EffectiveValue value : session.wiring().loaded().values()) {
        rows.add(
            List.of(
                value.path(), value.value(), value.spokenOrigin().in(session.output().language())));
      }
      session
          .output()
          .table(
              ListCommand.words(session, message("KEY"), message("VALUE"), message("FROM")), rows);
      session.output().json("prova.config.v1", session.wiring().loaded().values());
      return 0;
    }
  }
}
