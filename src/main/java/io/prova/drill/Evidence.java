package io.prova.drill;

import io.prova.base.Message;
import io.prova.catalog.Backup;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The record of one drill.
///
/// @param restoreTime from the first byte read to a server that answers with the data in it: the
///   measured RTO
/// @param dataAge how old the restored data was when the drill began: what would be lost if the
///   cluster were lost then (the measured RPO)
/// @param isolation how the scratch server was kept from touching anything
public record Evidence(
    Backup backup,
    String operation,
    String who,
    String host,
    String provaVersion,
    String scratchVersion,
    Instant started,
    Instant finished,
    List<Phase> phases,
    Duration restoreTime,
    Duration dataAge,
    List<Message> isolation,
    List<DrillCheck> checks,
    Verdict verdict,
    List<Message> reasons) {

  /// One part of the drill, and how long it took.
  public record Phase(Message name, Duration took) {}
}
