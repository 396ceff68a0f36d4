package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.catalog.Repository;
import io.prova.storage.DurableFiles;
import io.prova.storage.Key;
import io.prova.storage.StorageContract;
import io.prova.storage.fs.LocalObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `prova repository`.
@Command(
    name = "repository",
    description = "Look after the place where backups are kept.",
    subcommands = RepositoryCommand.CheckStorage.class)
final class RepositoryCommand implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// `prova repository check-storage`.
  @Command(
      name = "check-storage",
      description =
          "Try, on the repository's own storage, everything that backups rely on; leaves nothing behind.",
      footer = {"", "Exit code 13: the storage does not keep a promise, so it must not be used."})
  static final class CheckStorage extends Subcommand {

    private static final Key PLACE = new Key("check");

    @Override
    int run(Session session) throws IOException {
      Repository repository = session.cluster().repository();
      Output output = session.output();
      // Beside the backups, so on the same file system; a name that no listing shows.
      Path directory = Files.createTempDirectory(repository.root(), ".check-storage-");
      int broken = 0;
      try {
        StorageContract contract = new StorageContract(new LocalObjectStore(directory), PLACE);
        for (StorageContract.Check check : contract.checks()) {
          Optional<String> seen = check.run();
          String promise = check.promise().in(output.language());
          if (seen.isEmpty()) {
            output.text(output.good(promise));
          } else {
            broken++;
            output.text(output.bad(promise + ": " + seen.get()));
          }
          output.json(
              "prova.repository.check.v1",
              Map.of(
                  "promise",
                  check.promise().toString(),
                  "kept",
                  seen.isEmpty(),
                  "seen",
                  seen.orElse("")));
        }
      } finally {
        DurableFiles.deleteTree(directory);
      }
      if (broken > 0) {
        output.line(
            message(
                "{0} {0|promise is|promises are} not kept by the storage at {1}: keep no backups there",
                broken, repository.root()));
        return Failure.REPOSITORY.exitCode();
      }
      output.line(message("the storage at {0} keeps every promise", repository.root()));
      return 0;
    }
  }
}
