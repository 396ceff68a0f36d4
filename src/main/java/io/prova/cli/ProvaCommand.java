package io.prova.cli;

import io.prova.app.Surroundings;
import io.prova.app.Wiring;
import io.prova.base.Redactor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `prova`: the options that every command takes, and the list of commands.
@Command(
    name = "prova",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    description = "Backup and proven recovery for PostgreSQL.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "The configuration is looked for in --config, $PROVA_CONFIG, ./prova.yaml, /etc/prova/prova.yaml."
    })
public final class ProvaCommand implements Runnable {

  /// The commands by name, in the order in which help lists them.
  static final Map<String, Class<?>> COMMANDS = commands();

  private static Map<String, Class<?>> commands() {
    Map<String, Class<?>> commands = new LinkedHashMap<>();
    commands.put("init", InitCommand.class);
    commands.put("check", CheckCommand.class);
    commands.put("backup", BackupCommand.class);
    commands.put("list", ListCommand.class);
    commands.put("show", ShowCommand.class);
    commands.put("diff", DiffCommand.class);
    commands.put("verify", VerifyCommand.class);
    commands.put("restore", RestoreCommand.class);
    commands.put("recover", RecoverCommand.class);
    commands.put("drill", DrillCommand.class);
    commands.put("expire", ExpireCommand.class);
    commands.put("pin", PinCommand.class);
    commands.put("unpin", UnpinCommand.class);
    commands.put("accept", AcceptCommand.class);
    commands.put("undelete", UndeleteCommand.class);
    commands.put("serve", ServeCommand.class);
    commands.put("status", StatusCommand.class);
    commands.put("journal", JournalCommand.class);
    commands.put("key", KeyCommand.class);
    commands.put("repository", RepositoryCommand.class);
    commands.put("config", ConfigCommand.class);
    commands.put("demo", DemoCommand.class);
    commands.put(CompletionCommand.NAME, CompletionCommand.class);
    return Collections.unmodifiableMap(commands);
  }

  /// A command's work.
  @FunctionalInterface
  interface Work {
    int run(Session session) throws IOException, InterruptedException;
  }

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The configuration file.")
  private @Nullable Path config;

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "The cluster, where several are configured.")
  private @Nullable String cluster;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Answer in JSON, one object a line (docs/json.md).")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Show neither progress nor success.")
  private boolean quiet;

  /// Knows the configuration's secrets once that is read.
  private Redactor redactor = new Redactor();

  private final Surroundings surroundings;
  private final PrintStream out;
  private final PrintStream error;

  public ProvaCommand(Surroundings surroundings, PrintStream out, PrintStream error) {
    this.surroundings = surroundings;
    this.out = out;
    this.error = error;
  }

  @Override
  public void run() {
    spec.commandLine().usage(out);
  }

  /// The output before the configuration is read.
  Output output(Redactor redactor) {
    return output(redactor, json);
  }

  Output output(Redactor redactor, boolean asJson) {
    Terminal terminal = Terminal.ofProcess(surroundings.variables());
    return new Output(out, error, surroundings.language(), terminal, asJson, quiet, redactor);
  }

  int run(Work work) throws IOException, InterruptedException {
    Optional<Path> file = Optional.ofNullable(config);
    Wiring wiring = Wiring.load(surroundings, file);
    redactor = wiring.redactor();
    Output output = output(redactor);
    try {
      return work.run(
          new Session(surroundings, file, Optional.ofNullable(cluster), wiring, output));
    } finally {
      output.close();
    }
  }

  Redactor redactor() {
    return redactor;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  /// A parser of one more command of the same user.
  CommandLine again(String... arguments) {
    return CommandLineFactory.forArguments(surroundings, out, error, arguments);
  }

  /// What `--config` says.
  Optional<Path> config() {
    return Optional.ofNullable(config);
  }

  /// What `--cluster` says.
  Optional<String> cluster() {
    return Optional.ofNullable(cluster);
  }

  /// The root command of a parsed line.
  static ProvaCommand of(CommandLine commandLine) {
    return (ProvaCommand) commandLine.getCommandSpec().root().userObject();
  }
}
