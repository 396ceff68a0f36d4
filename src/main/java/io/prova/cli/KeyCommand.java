package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKeys;
import io.prova.engine.seal.Identity;
import io.prova.engine.seal.KeyFile;
import io.prova.storage.DurableFiles;
import io.prova.verify.KeyCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `prova key`.
@Command(
    name = "key",
    description = "Make, show and try the keys of encrypted backups.",
    subcommands = {KeyCommand.New.class, KeyCommand.Show.class, KeyCommand.Check.class})
final class KeyCommand implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// `prova key new`.
  @Command(
      name = "new",
      description = "Make a new secret key in a file of its own, and print its public half.",
      footer = {
        "",
        "The file is as age-keygen writes it, so age -d -i FILE reads backups too. Nothing is overwritten."
      })
  static final class New extends Subcommand {

    @Option(
        names = "--file",
        required = true,
        paramLabel = "FILE",
        description = "Where the secret key goes, readable by its owner alone.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Override
    int run(Session session) throws IOException {
      Path place = session.surroundings().workingDirectory().resolve(file).normalize();
      Identity identity = Identity.generate(new SecureRandom());
      String text = KeyFile.write(identity, session.surroundings().clock().instant());
      try {
        DurableFiles.putIfAbsent(place, text.getBytes(StandardCharsets.UTF_8));
      } catch (FileAlreadyExistsException e) {
        throw new OperationFailed(
            Failure.USAGE,
            message("{0} exists already", place),
            message("A key is never overwritten, since backups may need it. Name another file."),
            e);
      } catch (NoSuchFileException e) {
        throw new OperationFailed(
            Failure.USAGE,
            message("the directory of {0} does not exist", place),
            message("Create it, or name another file."),
            e);
      }
      Output output = session.output();
      String recipient = identity.recipient().toString();
      output.line(message("secret key: {0}", place));
      output.line(message("public key: {0}", recipient));
      output.line(
          message(
              "Without the secret key nobody can read what is encrypted for it: print {0} or copy it to where this machine is not, now.",
              place));
      output.line(
          message(
              "The public key goes into `physical.encryption.recipients`. The secret one is needed here only to restore and to test; make a second key pair whose secret half never is on this machine."));
      output.json("prova.key.new.v1", Map.of("file", place, "recipient", recipient));
      return 0;
    }
  }

  /// `prova key show`.
  @Command(name = "show", description = "Print the public halves of the keys in a file.")
  static final class Show extends Subcommand {

    @Parameters(paramLabel = "FILE", description = "The file with the secret keys.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Override
    int run(Session session) throws IOException {
      Path place = session.surroundings().workingDirectory().resolve(file).normalize();
      List<String> recipients =
          BackupKeys.read(place).stream().map(each -> each.recipient().toString()).toList();
      recipients.forEach(session.output()::text);
      session.output().json("prova.key.v1", Map.of("file", place, "recipients", recipients));
      return 0;
    }
  }

  /// `prova key check`.
  @Command(
      name = "check",
      description = "Prove that a key opens a backup, by opening what only that key opens.",
      footer = {
        "",
        "Try the key that is kept elsewhere from time to time, on a machine where it may be.",
        "Exit code 19: the key is not there, or is another; 30: the backup is damaged."
      })
  static final class Check extends Subcommand {

    @Parameters(paramLabel = "LABEL", description = "The backup.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String label;

    @Option(
        names = "--identity",
        paramLabel = "FILE",
        description = "The file with the secret key (default: the configured one).")
    private @Nullable Path identity;

    @Override
    int run(Session session) throws IOException {
      Optional<Path> file =
          Optional.ofNullable(identity)
              .map(session.surroundings().workingDirectory()::resolve)
              .map(Path::normalize);
      KeyCheck.Result result = session.operations().checkKey(session.label(label), file);
      session
          .output()
          .line(
              message(
                  "the key of {0} opens backup {1}: {2} {2|pack|packs}, {3} {3|file|files}",
                  result.recipients(), label, result.packs(), result.files()));
      session
          .output()
          .json(
              "prova.key.check.v1",
              Map.of(
                  "label",
                  label,
                  "recipients",
                  result.recipients(),
                  "packs",
                  result.packs(),
                  "files",
                  result.files()));
      return 0;
    }
  }
}
