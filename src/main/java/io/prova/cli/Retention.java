package io.prova.cli;

import io.prova.app.Cluster;
import io.prova.retention.RetentionPlan;
import io.prova.retention.RetentionPlanner;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What retention says of the backups, for showing only.
final class Retention {

  private Retention() {}

  static RetentionPlan preview(Session session, Cluster cluster) throws IOException {
    return RetentionPlanner.plan(
        new RetentionPlanner.Facts(
            cluster.repository().catalog().list(),
            List.of(),
            List.of(),
            session.surroundings().clock().instant(),
            session.wiring().settings().zone(),
            Optional.of(Duration.ZERO)),
        cluster.settings().retention());
  }
}
