package io.prova.postgres;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How the server of a cluster is stopped and started, as the configuration says it.
public sealed interface ServiceChoice {

  /// Found out from where the data directory lies and what runs here.
  record Auto() implements ServiceChoice {}

  /// A systemd unit, such as `postgresql@15-main`.
  record Systemd(String unit) implements ServiceChoice {}

  /// `pg_ctl` on the data directory.
  ///
  /// @param log where the server's output goes
  record PgCtl(Optional<Path> log) implements ServiceChoice {}

  /// Debian's `pg_ctlcluster VERSION NAME`.
  record PgCtlCluster(String version, String name) implements ServiceChoice {}

  /// The user's own commands, each a program with its arguments, run without a shell.
  ///
  /// @param log the server's log, to be read after a start
  record Commands(List<String> start, List<String> stop, Optional<Path> log)
      implements ServiceChoice {}
}
