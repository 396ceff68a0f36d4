package io.prova.check;

import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;

/// The line of pg_hba.conf that lets a role in.
public final class HbaLine {

  private HbaLine() {}

  /// @param database `all` or `replication`
  public static String of(ConnectionSettings connection, String database) {
    Endpoint endpoint = connection.endpoints().getFirst();
    String user = quote(connection.user());
    if (endpoint.isUnixSocket()) {
      return "local   %-12s %-12s peer".formatted(database, user);
    }
    boolean local = endpoint.host().equals("localhost") || endpoint.host().equals("127.0.0.1");
    String address = local ? "127.0.0.1/32" : "BACKUP_HOST_ADDRESS/32";
    return "host    %-12s %-12s %s scram-sha-256".formatted(database, user, address);
  }

  private static String quote(String user) {
    return user.matches("[a-z_][a-z0-9_]*") ? user : '"' + user + '"';
  }
}
