package io.prova.app;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Secret;
import io.prova.catalog.Repository;
import io.prova.check.HbaLine;
import io.prova.journal.Journal;
import io.prova.journal.JournalEntry;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.LocalAccess;
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
  /// @param cluster which one, where an existing configuration has several
  /// @param connection how to reach the server as an administrator; where empty, as the existing
  ///   configuration says, else libpq's defaults
  /// @param role the role for backups
  /// @param applyRole create that role now
  public record Request(
      Path configFile,
      Optional<String> cluster,
      Optional<String> connection,
      Path repository,
      Optional<String> timeZone,
      Optional<Path> stateDirectory,
      String role,
      boolean applyRole) {}

  /// What will be done, or was.
  ///
  /// @param configExists the file is there already and stays as it is
  /// @param yaml the configuration's content, or what an existing one says already
  /// @param asRole how the role for backups will connect
  /// @param roleStatements what creates the role; empty when it exists
  /// @param hbaLines lines that pg_hba.conf needs
  public record Plan(
      Request request,
      boolean configExists,
      String yaml,
      ClusterFacts facts,
      ConnectionSettings admin,
      ConnectionSettings asRole,
      List<String> roleStatements,
      List<String> hbaLines,
      Path passwordFile) {}

  private static final int PASSWORD_BYTES = 24;

  private Initialization() {}

  /// Looks at everything that [#run] will need, so that it stops before the first change.
  public static Plan plan(Surroundings surroundings, Request request) throws IOException {
    boolean exists = Files.exists(request.configFile);
    Optional<Cluster> configured =
        exists
            ? Optional.of(
                Wiring.load(surroundings, Optional.of(request.configFile)).cluster(request.cluster))
            : Optional.empty();
    Path repository =
        configured.map(each -> each.settings().repository()).orElse(request.repository);
    Repository.requireFree(repository);
    ConnectionSettings admin =
        configured.isPresent() && request.connection.isEmpty()
            ? configured.get().adminConnection()
            : admin(surroundings, request);
    requirePlace(surroundings, repository);
    ClusterFacts facts;
    boolean roleExists;
    try (PgSession session = PgSession.connect(admin)) {
      facts = ClusterFacts.probe(session);
      roleExists =
          session.yes(
              "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ?)", request.role);
    }
    requirePassword(request, roleExists);
    ConnectionSettings asRole = asRole(admin, request.role);
    List<String> hbaLines = new ArrayList<>(HbaLine.of(asRole, "all"));
    hbaLines.addAll(HbaLine.of(asRole, "replication"));
    return new Plan(
        request,
        exists,
        yaml(request, admin, asRole, surroundings.language()),
        facts,
        admin,
        asRole,
        roleExists ? List.of() : roleStatements(request.role, facts),
        List.copyOf(hbaLines),
        passwordFile(request));
  }

  /// Of a role that exists nobody but its maker knows the password, and it is not ours to change.
  private static void requirePassword(Request request, boolean roleExists) {
    Path file = passwordFile(request);
    if (request.applyRole && roleExists && Files.notExists(file)) {
      throw new OperationFailed(
          Failure.USAGE,
          message(
              "role \"{0}\" exists already, and {1}, which should hold its password, does not",
              request.role, file),
          message(
              "Write its password into that file (mode 0600), or let init make another role: --role NAME."));
    }
    if (request.applyRole && !roleExists && Files.exists(file)) {
      throw new OperationFailed(
          Failure.CONFIG,
          message("{0} exists already; the role was not created", file),
          message("Remove the file if it belongs to nothing, then run prova init --apply again."));
    }
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
    statements.addAll(LocalAccess.grants(facts.version(), role));
    return statements;
  }

  private static Path passwordFile(Request request) {
    Path directory = request.configFile.toAbsolutePath().getParent();
    return directory == null ? Path.of("prova-password") : directory.resolve("prova-password");
  }

  private static String yaml(
      Request request, ConnectionSettings admin, ConnectionSettings asRole, Language language) {
    StringBuilder yaml = new StringBuilder();
    comment(
        yaml,
        message(
            "Prova's configuration; docs/configuration.md explains every key. Checked by: prova config check"),
        language);
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
    yaml.append('\n');
    comment(yaml, message("The plan:"), language);
    yaml.append(
        """
        logical:
          schedule: daily 02:00
        physical:
          schedule: sunday 03:00
        drill:
          schedule: monthly 1 04:00
        retention:
          keep_days: 30

        """);
    comment(yaml, message("Who is told when a backup fails:"), language);
    yaml.append(
        """
        #alerts:
        #  team: { email: backup-team@example.com }
        #  administrators: { email: administrators@example.com }
        #  mail: { host: smtp.example.com, user: prova, password_file: /etc/prova/mail-password, from: prova@example.com }
        """);
    return yaml.toString();
  }

  private static void comment(StringBuilder yaml, Message text, Language language) {
    yaml.append("# ").append(text.in(language)).append('\n');
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

  /// The lines of the configuration that let the role for backups connect.
  public static String roleYaml(Plan plan) {
    StringBuilder yaml = new StringBuilder();
    append(yaml, "connection", plan.asRole, Optional.of(plan.passwordFile));
    append(yaml, "admin_connection", plan.admin, Optional.empty());
    return yaml.toString();
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
    Cluster cluster = wiring.cluster(request.cluster);
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
