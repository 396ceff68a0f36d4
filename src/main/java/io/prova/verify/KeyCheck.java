package io.prova.verify;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.Encryption;
import io.prova.catalog.Backup.Packed;
import io.prova.catalog.Backup.Physical;
import io.prova.catalog.BackupContent;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.Repository;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.PackReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Proves that a key opens a backup, without reading all of it: the whole manifest is opened and
/// proves itself, and each pack's header and end, which the manifest knows by its digest.
public final class KeyCheck {

  private KeyCheck() {}

  /// @param recipients those keys of the file that the backup is encrypted for
  public record Result(Backup backup, List<String> recipients, int packs, long files) {}

  /// @throws OperationFailed (KEY) if the key is another, (DAMAGED) if what it opens is damaged
  public static Result run(Repository repository, Backup backup, BackupKeys keys)
      throws IOException {
    Optional<Encryption> encryption = backup.encryption();
    Optional<Packed> packed = backup.physical().flatMap(Physical::packed);
    if (encryption.isEmpty() || packed.isEmpty()) {
      throw new OperationFailed(
          Failure.USAGE,
          message("backup {0} is not encrypted", backup.label().toString()),
          message("Whoever reads the repository reads it."));
    }
    Path directory = repository.directory(backup);
    List<String> ours =
        keys.require(backup).stream()
            .map(each -> each.recipient().toString())
            .filter(encryption.get().recipients()::contains)
            .toList();
    BackupContent content = BackupContent.open(directory, backup, keys);
    PackReader reader = new PackReader(content.packs(), "");
    int packs = 0;
    long files = 0;
    try (InputStream stored = content.stream(packed.get().manifest());
        ManifestReader manifest = new ManifestReader(packed.get().manifest(), stored)) {
      for (Optional<ManifestLine> line = manifest.next();
          line.isPresent();
          line = manifest.next()) {
        switch (line.get()) {
          case ManifestLine.Pack pack -> {
            reader.frames(pack.pack());
            packs++;
          }
          case ManifestLine.File _ -> files++;
          case ManifestLine.Head _, ManifestLine.Directory _, ManifestLine.End _ -> {}
        }
      }
    } catch (BadObjectException e) {
      throw new OperationFailed(
          Failure.DAMAGED,
          message("{0} is damaged: {1}", directory.resolve(e.object()), e.finding()),
          message("prova verify {0} compares every stored byte.", backup.label().toString()),
          e);
    }
    return new Result(backup, ours, packs, files);
  }
}
