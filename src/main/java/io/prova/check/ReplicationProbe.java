package io.prova.check;

import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ToolRun;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Tries a replication connection, as pg_basebackup will make one.
final class ReplicationProbe {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private ReplicationProbe() {}

  /// What the server said against it; empty when it accepts one.
  static Optional<String> refusal(CheckRequest request, int major)
      throws IOException, InterruptedException {
    Tool psql = request.tools().forServer("psql", major);
    ToolRun.Outcome outcome =
        new ToolRun(
                request.redactor(),
                psql.program(),
                // As a connection string, since only there replication can be asked for.
                List.of(
                    "--no-psqlrc",
                    "--no-password",
                    "--tuples-only",
                    "--dbname=replication=true",
                    "--command=IDENTIFY_SYSTEM"))
            .environment(request.connection().get().environment())
            .run(LIMIT);
    return outcome.succeeded() ? Optional.empty() : Optional.of(outcome.complaint());
  }
}
