package io.prova.restore;

import io.prova.catalog.Listing.Entry;
import java.time.Duration;
import java.util.Optional;

/// One step of the ladder: a restore point and the way back from it.
///
/// @param lost how much time's changes are not in it
/// @param expected how long it will probably take; empty where nothing is known to go by
public record Rung(Entry entry, Way way, Duration lost, Optional<Duration> expected) {

  public enum Way {
    /// Load a dump of one database beside the live one, then swap them.
    LOAD_DATABASE,
    /// Restore a physical backup aside, take one database out of it, then swap.
    EXTRACT_DATABASE,
    /// Put a physical backup in the place of the cluster.
    REPLACE_CLUSTER,
    /// Build a new cluster from dumps, and put it in the place of the old.
    REBUILD_CLUSTER
  }
}
