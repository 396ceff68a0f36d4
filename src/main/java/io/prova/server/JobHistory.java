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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// When a cluster's jobs were last tried, so that a restart neither forgets a missed run nor
/// repeats a done one. Losing this file costs one superfluous run of each job, no backup.
final class JobHistory {

  private static final Duration FIRST_RETRY = Duration.ofMinutes(10);
  private static final Duration LONGEST_RETRY = Duration.ofHours(4);

  /// A clock that goes back by an hour (a machine that keeps local time, an NTP step) must not
  /// repeat a job; one that comes back from a wrong year must not silence it.
  static final Duration CLOCK_TOLERANCE = Duration.ofHours(2);

  enum Outcome {
    /// Or cut off: whoever opens the file with this in it knows that nobody runs.
    RUNNING,
    FAILED,
    SUCCEEDED
  }

  /// @param due the due time that was tried
  /// @param attempts for that due time
  /// @param lastAttempt when
  record Tried(Instant due, int attempts, Instant lastAttempt, Outcome outcome) {}

  /// The file.
  record Stored(Map<Job, Tried> jobs) {}

  private final Path file;
  private final Map<Job, Tried> jobs = new EnumMap<>(Job.class);

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

  /// The jobs that a crash cut off. From now on they count as failed.
  List<Job> cutOff() {
    List<Job> found =
        jobs.keySet().stream().filter(job -> tried(job).outcome == Outcome.RUNNING).toList();
    found.forEach(job -> end(job, Outcome.FAILED));
    return found;
  }

  /// The last try of a job that was tried.
  Tried tried(Job job) {
    return Objects.requireNonNull(jobs.get(job), job.name());
  }

  /// Whether the job must run for `due`: it was not tried yet, or it failed and the time to wait is
  /// over.
  boolean isWanted(Job job, Instant due, Instant now) {
    @Nullable Tried tried = jobs.get(job);
    if (tried == null || tried.due.isBefore(due)) {
      return true;
    }
    if (tried.lastAttempt.isAfter(now.plus(CLOCK_TOLERANCE))) {
      return true; // the clock was wrong then, and what it wrote says nothing
    }
    if (tried.outcome == Outcome.SUCCEEDED) {
      return false;
    }
    Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(10, tried.attempts - 1));
    Duration bounded = wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
    return !now.isBefore(tried.lastAttempt.plus(bounded));
  }

  void began(Job job, Instant due, Instant now) {
    @Nullable Tried before = jobs.get(job);
    int attempts = before != null && before.due.equals(due) ? before.attempts + 1 : 1;
    jobs.put(job, new Tried(due, attempts, now, Outcome.RUNNING));
  }

  void succeeded(Job job) {
    end(job, Outcome.SUCCEEDED);
  }

  void failed(Job job) {
    end(job, Outcome.FAILED);
  }

  private void end(Job job, Outcome outcome) {
    Tried tried = tried(job);
    jobs.put(job, new Tried(tried.due, tried.attempts, tried.lastAttempt, outcome));
  }

  /// Writes it down, durably. What cannot be written stays in memory: a full disk under the state
  /// directory must neither hinder a backup nor repeat it.
  void store() throws IOException {
    DurableFiles.replace(file, Json.LINE.writeValueAsBytes(new Stored(jobs)));
  }
}
