package io.prova.catalog;

import io.prova.postgres.SystemIdentifier;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;

/// `repository.json`: what makes a directory a repository. An unmounted disk does not have it.
///
/// @param id unique for ever
/// @param cluster the cluster's name when the repository was created; information only
/// @param systemIdentifier the cluster that this repository is for; further ones are in `systems/`
/// @param labelZone in which labels are written
public record RepositoryMarker(
    int format,
    String id,
    Instant created,
    String cluster,
    SystemIdentifier systemIdentifier,
    ZoneId labelZone) {

  public RepositoryMarker {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(systemIdentifier, "system_identifier");
    Objects.requireNonNull(labelZone, "label_zone");
  }
}
