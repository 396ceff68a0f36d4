package io.prova.restore;

import io.prova.catalog.Backup;
import io.prova.catalog.Backup.DumpedDatabase;
import java.util.Set;

/// What a logical restore is going to do.
///
/// @param missingRoles roles that will be created
/// @param validate compare the loaded data with the fingerprint
public record LogicalRestorePlan(
    Backup backup,
    DumpedDatabase database,
    DatabaseSwap swap,
    Set<String> missingRoles,
    int jobs,
    boolean validate) {

  /// The database's name in the end.
  public String target() {
    return swap.target();
  }

  /// The name under which the database that has it now is kept.
  public java.util.Optional<String> keptAs() {
    return swap.keptAs();
  }
}
