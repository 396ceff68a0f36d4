package io.prova.backup.logical;

import io.prova.base.Message;
import io.prova.catalog.Listing;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.fingerprint.FingerprintBudget;
import java.util.List;
import java.util.Optional;

/// What a logical backup is going to do.
///
/// @param jobs workers of pg_dump for each database
/// @param previous the newest logical backup that does not look wrong itself, to compare sizes with
/// @param warnings what is not as it should be, but does not hinder
public record LogicalPlan(
    ClusterFacts facts,
    List<ClusterFacts.Database> databases,
    List<String> leftOut,
    Tool pgDump,
    Tool pgDumpall,
    LogicalOptions options,
    int jobs,
    Optional<FingerprintBudget> fingerprint,
    Optional<Listing.Entry> previous,
    List<Message> warnings) {}
