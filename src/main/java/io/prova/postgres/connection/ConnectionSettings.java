package io.prova.postgres.connection;

import io.prova.base.Secret;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Everything needed to connect, resolved: nothing is looked up again later, neither by us nor by a
/// child program.
///
/// @param endpoints tried in this order
/// @param password empty where none is known; present and empty where the user said so
/// @param parameters libpq keywords other than host, port, user, dbname, password
/// @param origins where each keyword's value came from, for `prova config show`
public record ConnectionSettings(
    List<Endpoint> endpoints,
    String user,
    String database,
    Optional<Secret> password,
    Map<String, String> parameters,
    Map<String, String> origins) {

  private static final String NOWHERE = "/nonexistent/prova";

  public ConnectionSettings {
    endpoints = List.copyOf(endpoints);
    parameters = Map.copyOf(parameters);
    origins = Map.copyOf(origins);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("a connection needs an endpoint");
    }
  }

  public ConnectionSettings withDatabase(String other) {
    return new ConnectionSettings(endpoints, user, other, password, parameters, origins);
  }

  /// The variables that make a PostgreSQL program connect exactly so. Names travel in the
  /// environment and not as arguments, because a program would read a database called
  /// `postgresql://…` as a connection string. The program must find no other password or service
  /// than what stands here.
  public Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put(
        "PGHOST", endpoints.stream().map(Endpoint::host).collect(Collectors.joining(",")));
    variables.put(
        "PGPORT",
        endpoints.stream()
            .map(each -> Integer.toString(each.port()))
            .collect(Collectors.joining(",")));
    variables.put("PGUSER", user);
    variables.put("PGDATABASE", database);
    variables.put("PGPASSFILE", NOWHERE);
    variables.put("PGSERVICEFILE", NOWHERE);
    variables.put("PGSYSCONFDIR", NOWHERE);
    password
        .filter(secret -> !secret.isEmpty())
        .ifPresent(secret -> variables.put("PGPASSWORD", secret.reveal()));
    parameters.forEach((keyword, value) ->
        Parameter.ofKeyword(keyword)
            .ifPresent(parameter -> variables.put(parameter.variable(), value)));
    return variables;
  }

  /// As [#environment], for a program that writes. A database may be read-only by default (`ALTER
  /// DATABASE … SET default_transaction_read_only`); what a connection asks for outranks that.
  public Map<String, String> writingEnvironment() {
    Map<String, String> variables = new LinkedHashMap<>(environment());
    variables.merge(
        "PGOPTIONS", "-c default_transaction_read_only=off", (given, ours) -> given + " " + ours);
    return variables;
  }

  /// `user@host:port/database`, as shown in messages.
  @Override
  public String toString() {
    return user
        + "@"
        + endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(","))
        + "/"
        + database;
  }
}
