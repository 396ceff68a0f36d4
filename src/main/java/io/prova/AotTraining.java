package io.prova;

import io.prova.app.Surroundings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the AOT cache learns from: the everyday commands, on an empty configuration, with a server
/// that is not there. Run once by the build, with a directory to work in.
public final class AotTraining {

  private static final String[][] COMMANDS = {
    {"--version"},
    {"--help"},
    {"backup", "--help"},
    {"config", "show"},
    {"config", "show", "--json"},
    {"list"},
    {"status"},
    {"check"},
    {"nonsense"}
  };

  private AotTraining() {}

  public static void main(String[] args) throws IOException {
    Path configuration = Path.of(args[0], "prova.yaml");
    Files.writeString(
        configuration,
        "connection: { host: 127.0.0.1, port: 1, user: nobody, dbname: none }\nrepository: "
            + args[0]
            + "/repository\nstate_directory: "
            + args[0]
            + "/state\n",
        StandardCharsets.UTF_8);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Surroundings surroundings = Surroundings.ofProcess();
    for (String[] command : COMMANDS) {
      String[] words = new String[command.length + 2];
      System.arraycopy(command, 0, words, 0, command.length);
      words[command.length] = "--config";
      words[command.length + 1] = configuration.toString();
      int _ = Main.run(words, surroundings, nowhere, nowhere);
    }
  }
}
