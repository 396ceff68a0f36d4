package io.prova.restore;

import io.prova.catalog.Backup;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.postgres.connection.ConnectionSettings;
import java.util.Set;

/// What a logical restore is going to do.
///
/// @param server a superuser's connection to a database that is not restored
/// @param target the database's name in the end
/// @param replaces whether `target` exists now and is kept under `keptAs`
/// @param keptAs the old database's new name
/// @param workName under which the database is loaded
/// @param missingRoles roles that will be created
/// @param validate compare the loaded data with the fingerprint
public record LogicalRestorePlan(
    Backup backup,
    DumpedDatabase database,
    ConnectionSettings server,
    String target,
    boolean replaces,
    String keptAs,
    String workName,
    Set<String> missingRoles,
    int jobs,
    boolean validate) {}
