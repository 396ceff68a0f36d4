package io.prova.backup;

import io.prova.base.Event;
import io.prova.base.Redactor;
import io.prova.catalog.Repository;
import io.prova.journal.Anchor;
import io.prova.postgres.ClientTools;
import io.prova.postgres.connection.ConnectionSettings;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Consumer;

/// What every backup needs: from where, to where, with what.
///
/// @param cluster its name in the configuration
/// @param operation the operation's id, which stands in the journal too
/// @param zone of labels
/// @param anchor the end of the journal
public record BackupContext(
    String cluster,
    String operation,
    ConnectionSettings connection,
    Repository repository,
    ClientTools tools,
    Redactor redactor,
    InstantSource clock,
    ZoneId zone,
    String provaVersion,
    Optional<Anchor> anchor,
    Consumer<Event> events) {}
