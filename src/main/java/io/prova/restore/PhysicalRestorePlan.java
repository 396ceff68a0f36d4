package io.prova.restore;

import io.prova.catalog.Backup;
import io.prova.postgres.OsUser;
import java.nio.file.Path;
import java.util.Map;

/// What a physical restore into a directory is going to do.
///
/// @param tablespaces where each tablespace goes, by OID
/// @param owner whom the files will belong to
/// @param adopt leave the copy as it was, ready to act as the server; otherwise it is made inert
/// @param scratch where a server's socket may be put while the copy is validated
public record PhysicalRestorePlan(
    Backup backup,
    Path target,
    Map<Long, Path> tablespaces,
    OsUser owner,
    boolean adopt,
    boolean validate,
    Path scratch) {}
