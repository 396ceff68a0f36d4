package io.prova.server;

import io.prova.base.Json;
import io.prova.config.ClusterSettings.Job;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// When a cluster's jobs were last tried, so that a restart neither forgets a missed run nor
/// repeats a done one. Losing this file costs one superfluous run of each job, no backup.
final class JobHistory {

  private static final Duration FIRST_RETRY = Duration.ofMinutes(10);
  private static final Duration LONGEST_RETRY = Duration.ofHours(4);

  /// @param due the due time that was tried
  /// @param attempts for that due time
  /// @param lastAttempt when
  record Tried(Instant due, int attempts, Instant lastAttempt, boolean succeeded) {}

  /// The file.
  record Stored(Map<Job, Tried> jobs) {}

  private final Path file;
  private final Map<Job, Tried> jobs = new EnumMap<>(Job.class);
  private final Map<String, Instant> seen = new HashMap<>();

  private JobHistory(Path file) {
    this.file = file;
  }

  static JobHistory open(Path stateDirectory, String cluster) throws IOException {
    Path directory = stateDirectory.resolve("schedule");
    DurableFiles.createDirectories(directory);
    JobHistory history = new JobHistory(directory.resolve(cluster + ".json"));
    if (Files.exists(history.file)) {
      try {
        history.jobs.putAll(
            Json.LINE.readValue(Files.readAllBytes(history.file), Stored.class).jobs());
      } catch (JacksonException e) {
        history.jobs.clear(); // half-written by an older crash: begin anew
      }
    }
    return history;
  }

  /// Whether the job must run for `due`: it was not tried yet, or it failed and the time to wait is
  /// over.
  boolean isWanted(Job job, Instant due, Instant now) {
    @Nullable Tried tried = jobs.get(job);
    if (tried == null || tried.due.isBefore(due)) {
      return true;
    }
    if (tried.succeeded) {
      return false;
    }
    Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(10, tried.attempts - 1));
    Duration bounded = wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
    return !now.isBefore(tried.lastAttempt.plus(bounded));
  }

  void began(Job job, Instant due, Instant now) throws IOException {
    @Nullable Tried before = jobs.get(job);
    int attempts = before != null && before.due.equals(due) ? before.attempts + 1 : 1;
    jobs.put(job, new Tried(due, attempts, now, false));
    store();
  }

  void succeeded(Job job, Instant due) throws IOException {
    @Nullable Tried tried = jobs.get(job);
    if (tried != null) {
      jobs.put(job, new Tried(due, tried.attempts, tried.lastAttempt, true));
      store();
    }
  }

  private void store() throws IOException {
    DurableFiles.replace(file, Json.LINE.writeValueAsBytes(new Stored(jobs)));
  }

  /// Since when something has been so, as far as this process knows.
  Instant firstSeen(String what, Instant now) {
    return seen.computeIfAbsent(what, key -> now);
  }
}
