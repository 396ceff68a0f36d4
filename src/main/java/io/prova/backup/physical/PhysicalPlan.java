package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.backup.Anomalies;
import io.prova.base.ByteCount;
import io.prova.base.Message;
import io.prova.catalog.Backup;
import io.prova.catalog.Listing;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.fingerprint.FingerprintBudget;
import java.util.List;
import java.util.Optional;

/// What a physical backup is going to do.
///
/// @param baseBackup PostgreSQL's programs, if they make the backup; absent if Prova reads the
///   files itself
/// @param pgWaldump absent where it is not installed: then no table can be told to have stayed
///   quiet
/// @param previous the newest physical backup that does not look wrong itself, to compare sizes
///   with
/// @param warnings what is not as it should be, but does not hinder
public record PhysicalPlan(
    ClusterFacts facts,
    Optional<BaseBackup> baseBackup,
    Optional<Tool> pgWaldump,
    PhysicalOptions options,
    Optional<FingerprintBudget> fingerprint,
    Optional<Listing.Entry> previous,
    List<Message> warnings) {

  /// Why a backup looks wrong beside the one before it.
  ///
  /// @param bytes of its files, before compression
  List<Message> shrinkage(Backup.Physical now, ByteCount bytes) {
    return previous
        .map(Listing.Entry::backup)
        .map(before ->
            Anomalies.shrinkage(
                message("the cluster"),
                before.physical().flatMap(Backup.Physical::rows),
                now.rows(),
                before
                    .physical()
                    .flatMap(Backup.Physical::packed)
                    .map(Backup.Packed::bytes)
                    .orElse(before.stored()),
                bytes))
        .orElse(List.of());
  }

  /// @param insteadOfLocal why Prova does not read the files itself, where it would have
  public record BaseBackup(
      Tool pgBasebackup, Tool pgVerifybackup, Optional<Message> insteadOfLocal) {}
}
