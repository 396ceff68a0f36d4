package io.prova.cli;

import io.prova.base.Redactor;
import io.prova.demo.Demo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `prova demo`.
@Command(
    name = "demo",
    description =
        "Carry out the whole plan on a scratch cluster: backups, two disasters, recovery, proof.",
    footer = {
      "",
      "It touches nothing of yours: a private directory, a Unix socket, removed at the end."
    })
final class DemoCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "--keep",
      description = "Leave the scratch cluster and the repository behind, to look at them.")
  private boolean keep;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ProvaCommand root = (ProvaCommand) spec.root().userObject();
    return Demo.run(root.surroundings(), new Shown(root, root.output(new Redactor())), keep);
  }

  private record Shown(ProvaCommand root, Output output) implements Demo.Stage {

    @Override
    public void blank() {
      output.blank();
    }

    @Override
    public void heading(String text) {
      output.text(output.bold(text));
      output.json("prova.demo.v1", Map.of("heading", text));
    }

    @Override
    public void line(String text) {
      output.text(text);
      output.json("prova.demo.v1", Map.of("text", text));
    }

    @Override
    public int run(List<String> arguments) {
      List<String> all = new ArrayList<>(arguments);
      if (output.isJson()) {
        all.add("--json");
      }
      String[] words = all.toArray(String[]::new);
      return root.again(words).execute(words);
    }
  }
}
