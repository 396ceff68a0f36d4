package io.prova.check;

import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.postgres.ClientTools;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.connection.ConnectionSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// What a check looks at.
///
/// @param connection resolved when it is looked at, since that may fail
/// @param dumped whether logical backups hold the database of this name
/// @param secretFiles files that hold secrets
/// @param provaCommand how the user calls this program, with the options that lead to this cluster
/// @param schedules one fact each: what is scheduled and when it is due next
/// @param user who runs Prova
public record CheckRequest(
    String cluster,
    Supplier<ConnectionSettings> connection,
    Supplier<ConnectionSettings> adminConnection,
    Path repository,
    ClientTools tools,
    boolean physicalWanted,
    Predicate<String> dumped,
    ServiceChoice service,
    List<Path> secretFiles,
    Path scratchDirectory,
    Path stateDirectory,
    List<Message> schedules,
    boolean alertsConfigured,
    String provaCommand,
    OsUser user,
    InstantSource clock,
    Redactor redactor) {}
