package io.prova.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.catalog.BackupKind;
import io.prova.drill.DrillOptions;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.retention.RetentionPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One cluster's part of the configuration.
///
/// @param connection for backups and checks, by a role with few rights
/// @param adminConnection for restores, by a superuser; the same as `connection` unless configured
/// @param clientTools directories of PostgreSQL's programs; empty to search
/// @param schedules when each job runs by itself; a job without one runs only by hand
/// @param identityFile where the secret key of encrypted backups is, on a host that reads them
/// @param fingerprint empty when switched off
public record ClusterSettings(
    String name,
    ConnectionSource connection,
    ConnectionSource adminConnection,
    Path repository,
    List<Path> clientTools,
    Map<Job, Schedule> schedules,
    LogicalOptions logical,
    PhysicalOptions physical,
    Optional<Path> identityFile,
    Optional<FingerprintBudget> fingerprint,
    Map<BackupKind, RetentionPolicy> retention,
    DrillOptions drill,
    ServiceChoice service) {

  /// What runs on a schedule.
  public enum Job {
    @JsonProperty("logical")
    LOGICAL,
    @JsonProperty("physical")
    PHYSICAL,
    @JsonProperty("drill")
    DRILL
  }
}
