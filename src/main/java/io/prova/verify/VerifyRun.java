package io.prova.verify;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Message;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.catalog.Backup.Packed;
import io.prova.catalog.Backup.Physical;
import io.prova.catalog.BackupContent;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Damage;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.ProofRecord;
import io.prova.catalog.Repository;
import io.prova.engine.seal.Seal;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Reads every byte of a backup back and compares it with what was written. The result becomes part
/// of the backup's proof.
public final class VerifyRun {

  private static final int MOST_RECORDED = 100;

  private VerifyRun() {}

  public record Result(Backup backup, List<Finding> findings) {

    public boolean isWhole() {
      return findings.isEmpty();
    }
  }

  /// @param deep a packed backup is put together too, not only compared with its digests
  /// @param keys that open an encrypted one; only needed with `deep`
  public static Result run(
      Repository repository,
      Backup backup,
      boolean deep,
      BackupKeys keys,
      String operation,
      InstantSource clock,
      Consumer<Event> events)
      throws IOException, InterruptedException {
    events.accept(new Event.StepStarted(message("verify {0}", backup.label().toString())));
    List<Finding> findings = new ArrayList<>();
    Optional<Packed> packed = backup.physical().flatMap(Physical::packed);
    // Before hours of reading: whether the key is here.
    Optional<BackupContent> content =
        deep && packed.isPresent()
            ? Optional.of(BackupContent.open(repository.directory(backup), backup, keys))
            : Optional.empty();
    AtomicLong read = new AtomicLong();
    OptionalLong total = OptionalLong.of(backup.stored().bytes());
    BackupFiles.verify(
        repository.directory(backup),
        backup.checksums(),
        bytes -> events.accept(new Event.Progress(new ByteCount(read.addAndGet(bytes)), total)),
        damage -> findings.add(new Finding(damage, cost(backup, damage))));
    Damage.requireTested(findings.stream().map(Finding::damage).toList());
    if (content.isPresent() && packed.isPresent() && findings.isEmpty()) {
      events.accept(new Event.StepStarted(message("put {0} together", backup.label().toString())));
      AtomicLong decoded = new AtomicLong();
      OptionalLong raw = OptionalLong.of(packed.get().bytes().bytes());
      DeepVerification.run(
              content.get(),
              backup,
              bytes ->
                  events.accept(new Event.Progress(new ByteCount(decoded.addAndGet(bytes)), raw)))
          .forEach(damage -> findings.add(new Finding(damage, cost(backup, damage))));
    }
    Optional<ProofLevel> reached =
        findings.isEmpty() ? Optional.of(ProofLevel.VERIFIED) : Optional.empty();
    repository
        .catalog()
        .addProof(
            new ProofRecord(
                CheckedJson.FORMAT,
                backup.label(),
                backup.id(),
                clock.instant(),
                operation,
                deep ? "verify --deep" : "verify",
                reached,
                findings.stream()
                    .limit(MOST_RECORDED)
                    .map(each -> each.damage().toString())
                    .toList(),
                Optional.empty()));
    return new Result(backup, List.copyOf(findings));
  }

  /// What can no longer be done with this backup.
  private static Message cost(Backup backup, Damage damage) {
    String path = damage.path();
    if (damage.kind() == Damage.Kind.EXTRA) {
      return message(
          "nothing is lost, but a restore refuses a backup with foreign files; move it away");
    }
    if (damage.kind() == Damage.Kind.DENIED) {
      return message("run this as the repository's owner");
    }
    if (path.equals(BackupFiles.CHECKSUMS) || path.equals(BackupFiles.LAYOUT)) {
      return message("no file of this backup can be told whole from damaged");
    }
    if (path.endsWith(".fingerprint.json") || path.endsWith(".fingerprint.json" + Seal.SUFFIX)) {
      return message("restored data can no longer be compared with what it was");
    }
    if (backup.physical().isPresent()) {
      return path.startsWith("config/")
          ? message("this configuration file cannot be put back")
          : message("the cluster cannot be restored from this backup");
    }
    for (DumpedDatabase database : backup.logical().orElseThrow().databases()) {
      if (path.equals(database.file())
          || path.startsWith(database.file() + "/")
          || path.equals(database.createScript())) {
        return message("database {0} cannot be restored from this backup", database.name());
      }
    }
    return path.equals(backup.logical().orElseThrow().globals())
        ? message("roles and tablespaces cannot be restored from this backup")
        : message("this backup is not as it was written");
  }
}
