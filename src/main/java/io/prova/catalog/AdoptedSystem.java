package io.prova.catalog;

import io.prova.postgres.SystemIdentifier;
import java.time.Instant;

/// Another system identifier that this repository accepts: its cluster was rebuilt (a logical
/// recovery, an upgrade).
public record AdoptedSystem(
    int format, SystemIdentifier systemIdentifier, Instant time, String who, String why) {}
