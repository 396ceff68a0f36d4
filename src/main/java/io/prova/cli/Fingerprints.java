package io.prova.cli;

import io.prova.catalog.Backup;
import io.prova.catalog.CheckedJson;
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
  static Map<String, Fingerprint> of(Repository repository, Backup backup) throws IOException {
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
    for (Map.Entry<String, String> each : files.entrySet()) {
      fingerprints.put(
          each.getKey(),
          CheckedJson.read(
                  repository.directory(backup).resolve(each.getValue()), StoredFingerprint.class)
              .fingerprint());
    }
    return fingerprints;
  }
}
