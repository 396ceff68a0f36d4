package io.prova.restore;

import io.prova.catalog.Backup;
import io.prova.catalog.Backup.ConfigFile;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServiceControl;
import io.prova.postgres.connection.ConnectionSettings;
import java.nio.file.Path;
import java.util.List;

/// What an in-place physical restore is going to do: the plan's stop, replace, start, check.
///
/// @param dataDirectory the real directory, links resolved
/// @param existing whether there is an old one to move aside
/// @param running whether the server runs now and will be stopped
/// @param tablespaces their original locations
/// @param missingConfig configuration files that are gone and will be put back
/// @param newTimeline begin a new timeline, because the server archives WAL and must not write the
///   same names again
public record InPlaceRestorePlan(
    Backup backup,
    Path dataDirectory,
    boolean existing,
    boolean running,
    List<Path> tablespaces,
    List<ConfigFile> missingConfig,
    OsUser owner,
    ServiceControl service,
    ConnectionSettings admin,
    boolean newTimeline,
    boolean validate) {}
