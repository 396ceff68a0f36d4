package io.prova.check;

import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;
import java.util.List;

/// The lines of pg_hba.conf that let a role in.
public final class HbaLine {

  private HbaLine() {}

  /// @param database `all` or `replication`
  public static List<String> of(ConnectionSettings connection, String database) {
    Endpoint endpoint = connection.endpoints().getFirst();
    if (endpoint.isUnixSocket()) {
      String method = connection.password().isPresent() ? "scram-sha-256" : "peer";
      return List.of(
          "local   %-12s %-12s              %s"
              .formatted(database, quote(connection.user()), method));
    }
    if (endpoint.host().startsWith("127.")) {
      return List.of(host(connection, database, "127.0.0.1"));
    }
    return switch (endpoint.host()) {
      // Which of the two a program takes for this name differs, even between libpq and Java.
      case "localhost" ->
          List.of(host(connection, database, "127.0.0.1"), host(connection, database, "::1"));
      case "::1" -> List.of(host(connection, database, "::1"));
      default ->
          List.of(
              "host    %-12s %-12s BACKUP_HOST_ADDRESS/32 scram-sha-256"
                  .formatted(database, quote(connection.user())));
    };
  }

  /// @param client the address that the server sees us at
  static String host(ConnectionSettings connection, String database, String client) {
    return "host    %-12s %-12s %-12s scram-sha-256"
        .formatted(
            database, quote(connection.user()), client + (client.contains(":") ? "/128" : "/32"));
  }

  private static String quote(String user) {
    return user.matches("[a-z_][a-z0-9_]*") ? user : '"' + user + '"';
  }
}
