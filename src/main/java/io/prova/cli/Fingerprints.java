package io.prova.cli;

import io.prova.catalog.Backup;
import io.prova.catalog.BackupContent;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.Repository;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.StoredFingerprint;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// The fingerprints beside a backup, for looking into it.
final class Fingerprints {

  private Fingerprints() {}

  /// By database. Each file carries its own digest, so it is read only whole.
  ///
  /// @throws io.prova.base.OperationFailed (KEY) if they are sealed, and the key is not here
  static Map<String, Fingerprint> of(Repository repository, Backup backup, BackupKeys keys)
      throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    backup
        .logical()
        .ifPresent(logical ->
            logical
                .databases()
                .forEach(database ->
                    database.fingerprint().ifPresent(file -> files.put(database.name(), file))));
    backup.physical().ifPresent(physical -> files.putAll(physical.fingerprints()));
    Map<String, Fingerprint> fingerprints = new LinkedHashMap<>();
    if (files.isEmpty()) {
      return fingerprints;
    }
    BackupContent content = BackupContent.open(repository.directory(backup), backup, keys);
    for (Map.Entry<String, String> each : files.entrySet()) {
      fingerprints.put(
          each.getKey(), content.readJson(each.getValue(), StoredFingerprint.class).fingerprint());
    }
    return fingerprints;
  }
}
