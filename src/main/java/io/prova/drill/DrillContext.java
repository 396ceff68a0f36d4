package io.prova.drill;

import io.prova.postgres.OsUser;
import io.prova.restore.RestoreContext;

/// What every drill needs.
///
/// @param who runs it
/// @param host on which machine
/// @param serverUser who runs scratch servers; not root
public record DrillContext(
    RestoreContext restore,
    DrillOptions options,
    OsUser serverUser,
    String who,
    String host,
    String provaVersion) {}
