package io.prova.check;

import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.catalog.PhysicalMethod;
import io.prova.postgres.ClientTools;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.connection.ConnectionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// What a check looks at.
///
/// @param connection resolved when it is looked at, since that may fail
/// @param dumped whether the logical backup takes a database of this name
/// @param physical how physical backups are made; empty if none are wanted
/// @param scratchUser finds who runs scratch servers
/// @param scratchUserName what that user is called, or would be
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
    Predicate<String> dumped,
    Optional<PhysicalMethod> physical,
    ServiceChoice service,
    List<Path> secretFiles,
    Path scratchDirectory,
    ScratchUser scratchUser,
    String scratchUserName,
    Path stateDirectory,
    List<Message> schedules,
    boolean alertsConfigured,
    String provaCommand,
    OsUser user,
    InstantSource clock,
    Redactor redactor) {

  @FunctionalInterface
  public interface ScratchUser {
    /// @throws IOException saying that there is none
    OsUser find() throws IOException;
  }
}
