package io.prova.retention;

import io.prova.base.Event;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/// One expiry in a process of its own, which a test may disturb: `ExpireOnce <repository> <now>`.
public final class ExpireOnce {

  private ExpireOnce() {}

  public static void main(String[] args) throws IOException {
    ExpireRun.run(
        new ExpireRun.Request(
            Repository.open(Path.of(args[0])),
            Map.of(BackupKind.LOGICAL, new RetentionPolicy(0, 1, 0, 0, 0, 0, Duration.ofDays(3))),
            Optional.of(Duration.ZERO),
            ZoneOffset.UTC,
            () -> Instant.parse(args[1]),
            "test"),
        Event.nowhere());
  }
}
