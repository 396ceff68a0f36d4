package io.prova.postgres.connection;

import java.nio.file.Path;

/// Where a server listens: a host name or address, or (beginning with `/`) the directory of its
/// Unix socket.
public record Endpoint(String host, int port) {

  public boolean isUnixSocket() {
    return host.startsWith("/");
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
