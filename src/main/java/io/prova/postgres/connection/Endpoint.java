package io.prova.postgres.connection;

import java.nio.file.Path;

/// Where a server listens: a host name or address, or (beginning with `/`) the directory of its
/// Unix socket.
public record Endpoint(String host, int port) {

  public boolean isUnixSocket() {
    return host.startsWith("/");
  }

  /// Whether it is on this machine, as far as its name tells.
  public boolean isLocal() {
    return isUnixSocket() || host.matches("localhost|127(\\.[0-9]{1,3}){3}|::1");
  }

  public Path socketFile() {
    return Path.of(host, ".s.PGSQL." + port);
  }

  @Override
  public String toString() {
    return isUnixSocket()
        ? socketFile().toString()
        : host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
  }
}
