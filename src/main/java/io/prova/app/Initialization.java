package io.prova.app;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Secret;
import io.prova.catalog.Repository;
import io.prova.check.HbaLine;
import io.prova.journal.Journal;
import io.prova.journal.JournalEntry;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.connection.ConnectionResolver;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.ConnectionString;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Setting up: the configuration file, a role with few rights, the repository.
public final class Initialization {

  /// What was asked for.
  ///
  /// @param connection how to reach the server as an administrator; libpq's defaults where empty
  /// @param role the role for backups
  /// @param applyRole create that role now
  public record Request(
      Path configFile,
      Optional<String> connection,
      Path repository,
      Optional<String> timeZone,
      Optional<Path> stateDirectory,
      String role,
      boolean applyRole) {}

  /// What will be done, or was.
  ///
  /// @param configExists the file is there already and stays as it is
  /// @param roleStatements what creates the role; empty when there is nothing to create
  /// @param hbaLines lines that pg_hba.conf needs
  public record Plan(
      Request request,
      boolean configExists,
      String yaml,
      ClusterFacts facts,
      ConnectionSettings admin,
      List<String> roleStatements,
      List<String> hbaLines,
      Path passwordFile) {}

  private static final int PASSWORD_BYTES = 24;

  private Initialization() {}

  public static Plan plan(Surroundings surroundings, Request request) {
    requirePlace(surroundings, request.repository);
    boolean exists = Files.exists(request.configFile);
    ConnectionSettings admin = admin(surroundings, request);
    ClusterFacts facts;
    boolean roleExists;
    try (PgSession session = PgSession.connect(admin)) {
      facts = ClusterFacts.probe(session);
      roleExists =
          session.yes(
              "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ?)", request.role);
    }
    ConnectionSettings asRole = asRole(admin, request.role);
    List<String> statements = roleExists ? List.of() : roleStatements(request.role, facts);
    return new Plan(
        request,
        exists,
        yaml(request, admin, asRole),
        facts,
        admin,
        statements,
        List.of(HbaLine.of(asRole, "all"), HbaLine.of(asRole, "replication")),
        passwordFile(request));
  }

  /// Before anything is made: a role without a repository helps nobody.
  private static void requirePlace(Surroundings surroundings, Path repository) {
    Path existing = repository;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isWritable(existing)) {
      String user = surroundings.user().name();
      throw new OperationFailed(
          Failure.PRIVILEGE,
          message("{0} may not write to {1}, so the repository cannot be made", user, existing),
          message("As root: install -d -m 700 -o {0} {1}", user, repository));
    }
  }

  private static ConnectionSettings admin(Surroundings surroundings, Request request) {
    ConnectionResolver resolver =
        new ConnectionResolver(
            surroundings.variables(), surroundings.user().home(), surroundings.user().name());
    Map<String, String> given = new LinkedHashMap<>();
    if (request.connection.isPresent()) {
      try {
        given.putAll(ConnectionString.parse(request.connection.get()));
      } catch (IllegalArgumentException e) {
        throw new OperationFailed(
            Failure.USAGE, message("--connection: {0}", String.valueOf(e.getMessage())));
      }
      if (given.containsKey("password")) {
        throw new OperationFailed(
            Failure.USAGE,
            message("--connection holds a password, which everybody on this machine could see"),
            message("Give it in $PGPASSWORD or in ~/.pgpass instead."));
      }
    }
    ConnectionSettings resolved = resolver.resolve(given, "--connection");
    return resolved.origins().containsKey("dbname") ? resolved : resolved.withDatabase("postgres");
  }

  /// By TCP with a password, even to a server on this machine: the socket lets in only the
  /// operating-system user of the same name.
  private static ConnectionSettings asRole(ConnectionSettings admin, String role) {
    Endpoint endpoint = admin.endpoints().getFirst();
    Endpoint reachable =
        endpoint.isUnixSocket() ? new Endpoint("localhost", endpoint.port()) : endpoint;
    return new ConnectionSettings(
        List.of(reachable), role, admin.database(), Optional.empty(), admin.parameters(), Map.of());
  }

  private static List<String> roleStatements(String role, ClusterFacts facts) {
    String name = PgSession.identifier(role);
    List<String> statements = new ArrayList<>();
    statements.add("CREATE ROLE " + name + " LOGIN REPLICATION BYPASSRLS");
    statements.add("GRANT pg_read_all_data, pg_monitor TO " + name);
    if (facts.version().major() >= 15) {
      statements.add("GRANT pg_checkpoint TO " + name);
    }
    // Where configuration files lie that are included; and reading them, where they cannot be read
    // as files.
    statements.add("GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings() TO " + name);
    statements.add("GRANT SELECT ON pg_catalog.pg_file_settings TO " + name);
    return statements;
  }

  private static Path passwordFile(Request request) {
    Path directory = request.configFile.toAbsolutePath().getParent();
    return directory == null ? Path.of("prova-password") : directory.resolve("prova-password");
  }

  private static String yaml(Request request, ConnectionSettings admin, ConnectionSettings asRole) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        "# Prova's configuration; docs/configuration.md explains every key. Checked by: prova config check\n");
    request.timeZone.ifPresent(zone -> yaml.append("time_zone: ").append(zone).append('\n'));
    request.stateDirectory.ifPresent(
        state -> yaml.append("state_directory: ").append(quoted(state.toString())).append('\n'));
    if (request.applyRole) {
      append(yaml, "connection", asRole, Optional.of(passwordFile(request)));
      append(yaml, "admin_connection", admin, Optional.empty());
    } else {
      append(yaml, "connection", admin, Optional.empty());
    }
    yaml.append("repository: ").append(quoted(request.repository.toString())).append('\n');
    yaml.append(
        """

        # The plan:
        logical:
          schedule: daily 02:00
        physical:
          schedule: sunday 03:00
        drill:
          schedule: monthly 1 04:00
        retention:
          keep_days: 30

        # Who is told when a backup fails:
        #alerts:
        #  team: { email: backup-team@example.com }
        #  administrators: { email: administrators@example.com }
        #  mail: { host: smtp.example.com, user: prova, password_file: /etc/prova/mail-password, from: prova@example.com }
        """);
    return yaml.toString();
  }

  private static void append(
      StringBuilder yaml, String key, ConnectionSettings connection, Optional<Path> passwordFile) {
    Endpoint endpoint = connection.endpoints().getFirst();
    yaml.append(key).append(":\n");
    yaml.append("  host: ").append(quoted(endpoint.host())).append('\n');
    yaml.append("  port: ").append(endpoint.port()).append('\n');
    yaml.append("  user: ").append(quoted(connection.user())).append('\n');
    yaml.append("  dbname: ").append(quoted(connection.database())).append('\n');
    passwordFile.ifPresent(
        file -> yaml.append("  password_file: ").append(quoted(file.toString())).append('\n'));
  }

  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9_/][A-Za-z0-9_./-]*")
        ? text
        : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /// Carries the plan out. What exists already stays as it is.
  ///
  /// @return how the configured program looks afterwards
  public static Wiring run(Surroundings surroundings, Plan plan)
      throws IOException, InterruptedException {
    Request request = plan.request;
    if (request.applyRole) {
      createRole(plan);
    }
    if (!plan.configExists) {
      DurableFiles.createParents(request.configFile);
      DurableFiles.putIfAbsent(request.configFile, plan.yaml.getBytes(StandardCharsets.UTF_8));
    }
    Wiring wiring = Wiring.load(surroundings, Optional.of(request.configFile));
    Cluster cluster = wiring.cluster(Optional.empty());
    Repository repository =
        Repository.create(
            cluster.settings().repository(),
            cluster.name(),
            plan.facts.systemIdentifier(),
            wiring.settings().zone(),
            surroundings.clock().instant());
    repository.requireSystem(plan.facts.systemIdentifier());
    Journal journal = wiring.journal(cluster);
    journal.append(
        new JournalEntry(
            UUID.randomUUID().toString().substring(0, 8),
            JournalEntry.NOTE,
            "init",
            Optional.of(cluster.name()),
            Map.of(
                "repository",
                repository.root().toString(),
                "role_created",
                request.applyRole && !plan.roleStatements.isEmpty())));
    return wiring;
  }

  private static void createRole(Plan plan) throws IOException {
    if (plan.roleStatements.isEmpty()) {
      return;
    }
    Secret password = newPassword();
    try (PgSession session = PgSession.connect(plan.admin)) {
      session.execute("BEGIN");
      plan.roleStatements.forEach(session::execute);
      // Its own setting, so that neither the server's log nor its statistics show the password.
      session.execute("SET LOCAL log_statement = 'none'");
      session.execute("SET LOCAL log_min_duration_statement = -1");
      session.execute(
          "ALTER ROLE "
              + PgSession.identifier(plan.request.role)
              + " PASSWORD "
              + PgSession.literal(password.reveal()));
      try {
        DurableFiles.createParents(plan.passwordFile);
        DurableFiles.putIfAbsent(
            plan.passwordFile, (password.reveal() + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (FileAlreadyExistsException e) {
        throw new OperationFailed(
            Failure.CONFIG,
            message("{0} exists already; the role was not created", plan.passwordFile),
            message("Remove the file if it belongs to nothing, then run prova init --apply again."),
            e);
      }
      session.execute("COMMIT");
    }
  }

  private static Secret newPassword() {
    byte[] bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }
}
