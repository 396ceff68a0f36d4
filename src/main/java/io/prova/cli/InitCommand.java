package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.app.Initialization;
import io.prova.app.Surroundings;
import io.prova.app.Wiring;
import io.prova.base.Redactor;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.SystemIdentifier;
import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `prova init`.
@Command(
    name = "init",
    description =
        "Set up: write prova.yaml, create the repository, show or create a role with few rights, check.",
    footer = {
      "",
      "Connect as an administrator. On Debian, as root, with everything belonging to the user postgres:",
      "",
      "  install -d -o postgres -g postgres -m 700 /etc/prova /backupSQL",
      "  runuser -u postgres -- prova init --config /etc/prova/prova.yaml --apply"
    })
final class InitCommand implements Callable<Integer> {

  private static final Path DEFAULT_REPOSITORY = Path.of("/backupSQL");

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private picocli.CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--connection",
      paramLabel = "URI",
      description = "How an administrator reaches the server; psql's defaults unless given.")
  private @Nullable String connection;

  @Option(
      names = "--repository",
      paramLabel = "DIR",
      description = "Where backups are kept (default: /backupSQL).")
  private Path repository = DEFAULT_REPOSITORY;

  @Option(
      names = "--time-zone",
      paramLabel = "ZONE",
      description = "Of labels and schedules, such as America/Sao_Paulo.")
  private @Nullable String timeZone;

  @Option(
      names = "--state-directory",
      paramLabel = "DIR",
      description = "For logs and alerts not yet sent.")
  private @Nullable Path stateDirectory;

  @Option(
      names = "--role",
      paramLabel = "NAME",
      description = "The role for backups (default: prova).")
  private String role = "prova";

  @Option(
      names = "--apply",
      description = "Create that role, with a password of its own kept beside prova.yaml.")
  private boolean apply;

  @Option(
      names = "--adopt",
      description =
          "Let the existing repository go on with a cluster that was rebuilt or upgraded on purpose.")
  private boolean adopt;

  @Option(names = "--dry-run", description = "Show what would be done, and do nothing.")
  private boolean dryRun;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ProvaCommand root = (ProvaCommand) spec.root().userObject();
    if (adopt) {
      return root.run(this::adopt);
    }
    Surroundings surroundings = root.surroundings();
    Output output = root.output(new Redactor());
    Initialization.Plan plan =
        Initialization.plan(
            surroundings,
            new Initialization.Request(
                configFile(root),
                root.cluster(),
                Optional.ofNullable(connection),
                repository.toAbsolutePath().normalize(),
                Optional.ofNullable(timeZone),
                Optional.ofNullable(stateDirectory).map(Path::toAbsolutePath),
                role,
                apply));
    show(output, plan);
    if (dryRun) {
      output.json(
          "prova.init.plan.v1",
          Map.of("yaml", plan.yaml(), "role", plan.roleStatements(), "pg_hba", plan.hbaLines()));
      return 0;
    }
    Wiring wiring = Initialization.run(surroundings, plan);
    output.line(
        message(
            "the repository {0} is ready", wiring.cluster(root.cluster()).settings().repository()));
    output.json(
        "prova.init.v1",
        Map.of(
            "config",
            plan.request().configFile().toString(),
            "repository",
            wiring.cluster(root.cluster()).settings().repository().toString()));
    output.blank();
    Session session = new Session(surroundings, root.config(), root.cluster(), wiring, output);
    int exitCode = CheckCommand.check(session, session.cluster());
    output.blank();
    output.line(
        message(
            "Next: {0} backup, then {0} drill to prove it. {0} serve runs the schedule; packaging/prova.service starts it with the machine.",
            session.provaCommand()));
    return exitCode;
  }

  private static Path configFile(ProvaCommand root) {
    Surroundings surroundings = root.surroundings();
    if (root.config().isPresent()) {
      return surroundings.workingDirectory().resolve(root.config().get());
    }
    String named = surroundings.variables().get("PROVA_CONFIG");
    if (named != null && !named.isEmpty()) {
      return surroundings.workingDirectory().resolve(named);
    }
    return surroundings.user().isRoot()
        ? Path.of("/etc/prova/prova.yaml")
        : surroundings.workingDirectory().resolve("prova.yaml");
  }

  private void show(Output output, Initialization.Plan plan) {
    output.line(
        message(
            "server: PostgreSQL {0}, reached as {1}",
            plan.facts().version().toString(), plan.admin().toString()));
    if (plan.configExists()) {
      output.line(message("{0} exists and stays as it is", plan.request().configFile()));
    } else {
      output.line(
          dryRun
              ? message("{0} would be:", plan.request().configFile())
              : message("{0} is:", plan.request().configFile()));
      show(output, plan.yaml());
    }
    showRole(output, plan);
    output.line(
        message("pg_hba.conf must let it in by lines such as (Debian's default has them):"));
    plan.hbaLines().forEach(line -> output.text("    " + line));
  }

  private void showRole(Output output, Initialization.Plan plan) {
    if (plan.roleStatements().isEmpty()) {
      output.line(message("role {0} exists and stays as it is", role));
    } else if (apply) {
      output.line(
          message(
              "role {0} with the rights that backups need; its password goes to {1}",
              role, plan.passwordFile()));
      plan.roleStatements().forEach(statement -> output.text("    " + statement + ";"));
    } else {
      output.line(
          message(
              "a role with only the rights that backups need, and its password, are made by --apply; or by this, in psql as a superuser:"));
      plan.roleStatements().forEach(statement -> output.text("    " + statement + ";"));
      output.text("    \\password " + role);
    }
    if (plan.configExists() || !apply) {
      output.line(
          message(
              "what {0} needs for this role (its password alone in that file, mode 0600):",
              plan.request().configFile()));
      show(output, Initialization.roleYaml(plan));
    }
  }

  private static void show(Output output, String yaml) {
    yaml.lines().forEach(line -> output.text("    " + line));
  }

  private int adopt(Session session) throws IOException, InterruptedException {
    Cluster cluster = session.cluster();
    Output output = session.output();
    SystemIdentifier system;
    try (PgSession admin = PgSession.connect(cluster.connection())) {
      system = ClusterFacts.systemIdentifier(admin);
    }
    if (dryRun) {
      cluster.repository(); // one that cannot be opened cannot go on
      output.line(message("the repository would go on with the cluster {0}", system.toString()));
      output.json("prova.init.plan.v1", Map.of("adopt", system));
      return 0;
    }
    session.operations().adopt(system, "prova init --adopt", output);
    output.line(message("the repository goes on with the cluster {0}", system.toString()));
    output.json("prova.init.v1", Map.of("adopted", system));
    return 0;
  }
}
