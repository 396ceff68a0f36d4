package io.prova.app;

import io.prova.base.Json;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.Repository;
import io.prova.restore.Ladder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// How long a restore will probably take: as long, by the byte, as the last drill of a backup of
/// the same kind took.
final class ExpectedTimes implements Ladder.Expectation {

  private final Map<BackupKind, Double> secondsPerByte = new EnumMap<>(BackupKind.class);

  private ExpectedTimes() {}

  static ExpectedTimes from(Repository repository, Listing listing) {
    ExpectedTimes times = new ExpectedTimes();
    for (Entry entry : listing.entries()) {
      Optional<String> evidence = entry.proof().lastDrill().flatMap(record -> record.evidence());
      if (evidence.isPresent() && entry.backup().stored().bytes() > 0) {
        restoreSeconds(repository.root().resolve(evidence.get()))
            .ifPresent(seconds ->
                times.secondsPerByte.put(
                    entry.backup().kind(), seconds / entry.backup().stored().bytes()));
      }
    }
    return times;
  }

  private static Optional<Double> restoreSeconds(Path evidence) {
    try {
      JsonNode seconds = Json.LINE.readTree(Files.readAllBytes(evidence)).path("restore_seconds");
      // A drill that failed before its server ran has measured nothing.
      return seconds.asDouble(0) > 0 ? Optional.of(seconds.asDouble()) : Optional.empty();
    } catch (IOException | JacksonException e) {
      return Optional.empty(); // an estimate less
    }
  }

  @Override
  public Optional<Duration> of(Backup backup) {
    return Optional.ofNullable(secondsPerByte.get(backup.kind()))
        .map(each -> Duration.ofMillis((long) (each * backup.stored().bytes() * 1000)));
  }
}
