package io.prova.restore;

import io.prova.catalog.Backup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Settings that recovery refuses to start without, as high as they were on the original server.
public final class RecoverySettings {

  private static final List<String> NEEDED =
      List.of(
          "max_connections",
          "max_locks_per_transaction",
          "max_prepared_transactions",
          "max_worker_processes");

  private RecoverySettings() {}

  public static Map<String, String> of(Backup backup) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String name : NEEDED) {
      String value = backup.server().settings().get(name);
      if (value != null) {
        settings.put(name, value);
      }
    }
    return settings;
  }
}
