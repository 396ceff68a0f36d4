package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.app.Operations;
import io.prova.app.Surroundings;
import io.prova.app.Wiring;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Label;
import java.io.Console;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a command has to work with: the configuration, read when it is first asked for, and the
/// output.
final class Session {

  private final Surroundings surroundings;
  private final Optional<Path> configFile;
  private final Optional<String> clusterName;
  private final Wiring wiring;
  private final Output output;

  Session(
      Surroundings surroundings,
      Optional<Path> configFile,
      Optional<String> clusterName,
      Wiring wiring,
      Output output) {
    this.surroundings = surroundings;
    this.configFile = configFile;
    this.clusterName = clusterName;
    this.wiring = wiring;
    this.output = output;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  Wiring wiring() {
    return wiring;
  }

  Output output() {
    return output;
  }

  /// The cluster that `--cluster` names, or the only one.
  Cluster cluster() {
    return wiring.cluster(clusterName);
  }

  /// The cluster that `--cluster` names, or all.
  List<Cluster> clusters() {
    return clusterName.isPresent() ? List.of(cluster()) : wiring.clusters();
  }

  Operations operations() {
    return wiring.operations(cluster());
  }

  /// How the user calls this program for this configuration.
  String provaCommand() {
    StringBuilder command = new StringBuilder("prova");
    configFile.ifPresent(file -> command.append(" --config ").append(file));
    clusterName.ifPresent(name -> command.append(" --cluster ").append(name));
    return command.toString();
  }

  Label label(String text) {
    if (!Label.isLabel(text)) {
      throw new OperationFailed(
          Failure.USAGE,
          message("\"{0}\" is not a label", text),
          message("A label looks like 2026-11-22_02-00; prova list shows them."));
    }
    return new Label(text);
  }

  /// Asks for the cluster's name to be typed, before something that replaces live data.
  ///
  /// @param yes the user has said so on the command line
  void confirm(boolean yes, io.prova.base.Message what) {
    if (yes) {
      return;
    }
    String name = cluster().name();
    Console console = System.console();
    if (console == null || !console.isTerminal() || output.isJson()) {
      throw new OperationFailed(
          Failure.USAGE,
          message("{0}, and nobody is here to confirm it", what),
          message("Look at it with --dry-run, then run it with --yes."));
    }
    output.line(what);
    String typed =
        console.readLine(
            "%s ", message("Type the cluster's name ({0}) to go on:", name).in(output.language()));
    if (!name.equals(typed)) {
      throw new OperationFailed(Failure.USAGE, message("not confirmed; nothing was changed"));
    }
  }
}
