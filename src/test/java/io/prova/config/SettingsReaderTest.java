package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.alert.AlertOptions;
import io.prova.alert.AlertOptions.Mail;
import io.prova.alert.AlertOptions.MailSecurity;
import io.prova.alert.AlertOptions.Recipients;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.base.ByteCount;
import io.prova.base.Language;
import io.prova.base.OperationFailed;
import io.prova.base.Secret;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Compression;
import io.prova.catalog.DumpFormat;
import io.prova.catalog.PhysicalMethod;
import io.prova.config.ClusterSettings.Job;
import io.prova.drill.DrillOptions;
import io.prova.drill.DrillOptions.Assertion;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.retention.RetentionPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {

  @TempDir private Path directory;

  private Yaml yaml() {
    return new Yaml(directory);
  }

  private static final ClusterSettings PLAN =
      new ClusterSettings(
          "main",
          new ConnectionSource(Map.of(), "default"),
          new ConnectionSource(Map.of(), "default"),
          Path.of("/backupSQL"),
          List.of(),
          Map.of(
              Job.LOGICAL, Schedule.parse("daily 02:00"),
              Job.PHYSICAL, Schedule.parse("sunday 03:00"),
              Job.DRILL, Schedule.parse("monthly 1 04:00")),
          new LogicalOptions(
              List.of("*"),
              List.of(),
              DumpFormat.PLAIN,
              Compression.NONE,
              1,
              Duration.ofHours(12),
              Duration.ofMinutes(5)),
          new PhysicalOptions(
              PhysicalMethod.AUTO, true, Optional.empty(), Duration.ofHours(24), 1, List.of()),
          Optional.empty(),
          Optional.of(
              new FingerprintBudget(
                  Optional.of(ByteCount.parse("10 GB")), Optional.of(Duration.ofMinutes(30)))),
          Map.of(
              BackupKind.LOGICAL,
              new RetentionPolicy(30, 0, 0, 0, 0, 0, Duration.ofDays(3)),
              BackupKind.PHYSICAL,
              new RetentionPolicy(30, 0, 0, 0, 0, 0, Duration.ofDays(3))),
          new DrillOptions(
              Path.of("/var/tmp"), Optional.empty(), Duration.ofHours(12), List.of(), List.of()),
          new ServiceChoice.Auto());

  @Test
  void anEmptyFileIsThePlan() {
    Settings settings = yaml().load("# nothing yet\n").settings();
    assertThat(settings.file()).contains(directory.resolve("prova.yaml"));
    assertThat(settings.zone()).isEqualTo(ZoneId.systemDefault());
    assertThat(settings.stateDirectory()).isEqualTo(Path.of("/home/ana/.local/state/prova"));
    assertThat(settings.clusters()).isEqualTo(Map.of("main", PLAN));
    assertThat(settings.alerts())
        .isEqualTo(
            new AlertOptions(
                Recipients.NONE,
                Recipients.NONE,
                Optional.empty(),
                Map.of(),
                Duration.ofHours(2),
                Duration.ofHours(12),
                Optional.empty()));
    assertThat(yaml().load("").settings()).isEqualTo(settings);
    assertThat(yaml().load("logical:\n").settings()).isEqualTo(settings);
  }

  @Test
  void withoutAnyFileEverythingIsAtItsDefault() {
    Assumptions.assumeTrue(Files.notExists(Path.of("/etc/prova/prova.yaml")));
    LoadedSettings loaded = yaml().reader().load(Optional.empty());
    assertThat(loaded.settings().file()).isEmpty();
    assertThat(loaded.settings().clusters()).isEqualTo(Map.of("main", PLAN));
    assertThat(loaded.values()).allMatch(value -> value.origin().equals("default"));
    assertThat(loaded.secretFiles()).isEmpty();
  }

  @Test
  void theStateOfRootIsInVarLibAndOthersSayWhereTheirsIs() {
    Yaml empty = yaml();
    empty.load("");
    assertThat(
            new SettingsReader(Map.of(), directory, Yaml.HOME, true)
                .load(Optional.of(Path.of("prova.yaml")))
                .settings()
                .stateDirectory())
        .isEqualTo(Path.of("/var/lib/prova"));

    Yaml withXdg = new Yaml(directory, Map.of("XDG_STATE_HOME", "/home/ana/state"));
    assertThat(withXdg.shown("", "state_directory"))
        .containsExactly("state_directory = /home/ana/state/prova ($XDG_STATE_HOME)");
    Yaml withRelativeXdg = new Yaml(directory, Map.of("XDG_STATE_HOME", "state"));
    assertThat(withRelativeXdg.shown("", "state_directory"))
        .containsExactly("state_directory = /home/ana/.local/state/prova (default)");
    assertThat(withXdg.shown("state_directory: /srv/state", "state_directory"))
        .containsExactly("state_directory = /srv/state (prova.yaml:1)");
  }

  @Test
  void everyKeyOfAClusterIsRead() {
    ClusterSettings cluster =
        yaml()
            .load(
                """
                time_zone: America/Sao_Paulo
                clusters:
                  sales:
                    connection: postgresql://prova@db1:5433/postgres?sslmode=require
                    admin_connection: {user: postgres, host: /run/postgresql, port: 5433}
                    repository: /backup/sales/
                    client_tools: [/usr/lib/postgresql/17/bin, /opt/pg/bin]
                    logical:
                      schedule: dias úteis 22:00
                      include: [app, "report*"]
                      exclude: scratch
                      format: directory
                      compression: gzip:6
                      jobs: 4
                      time_limit: 90 min
                      lock_wait: 30s
                    physical:
                      {schedule: never, checkpoint: spread, max_rate: 50 MB, time_limit: 2d}
                    fingerprint: {enabled: true, largest_table: unlimited, time: 1 h}
                    retention:
                      keep_days: 60
                      undo_window: 1 week
                      physical: {keep_days: 0, keep_last: 5, daily: 1, weekly: 2, monthly: 3, yearly: 4}
                    drill:
                      schedule: mensal último 05:00
                      directory: /srv/drill
                      os_user: nobody
                      time_limit: 6h
                      preload_libraries: [timescaledb]
                      assertions:
                        - name: orders are there
                          database: app
                          sql: |
                            SELECT count(*) > 0
                            FROM orders
                    service: {systemd: postgresql@17-sales}
                """)
            .settings()
            .clusters()
            .get("sales");
    assertThat(cluster)
        .isEqualTo(
            new ClusterSettings(
                "sales",
                new ConnectionSource(
                    Map.of(
                        "user",
                        "prova",
                        "host",
                        "db1",
                        "port",
                        "5433",
                        "dbname",
                        "postgres",
                        "sslmode",
                        "require"),
                    "prova.yaml:4"),
                new ConnectionSource(
                    Map.of("user", "postgres", "host", "/run/postgresql", "port", "5433"),
                    "prova.yaml:5"),
                Path.of("/backup/sales"),
                List.of(Path.of("/usr/lib/postgresql/17/bin"), Path.of("/opt/pg/bin")),
                Map.of(
                    Job.LOGICAL, Schedule.parse("dias úteis 22:00"),
                    Job.DRILL, Schedule.parse("mensal último 05:00")),
                new LogicalOptions(
                    List.of("app", "report*"),
                    List.of("scratch"),
                    DumpFormat.DIRECTORY,
                    new Compression(Compression.Method.GZIP, 6),
                    4,
                    Duration.ofMinutes(90),
                    Duration.ofSeconds(30)),
                new PhysicalOptions(
                    PhysicalMethod.AUTO,
                    false,
                    Optional.of(ByteCount.parse("50 MB")),
                    Duration.ofDays(2),
                    1,
                    List.of()),
                Optional.empty(),
                Optional.of(
                    new FingerprintBudget(Optional.empty(), Optional.of(Duration.ofHours(1)))),
                Map.of(
                    BackupKind.LOGICAL,
                    new RetentionPolicy(60, 0, 0, 0, 0, 0, Duration.ofDays(7)),
                    BackupKind.PHYSICAL,
                    new RetentionPolicy(0, 5, 1, 2, 3, 4, Duration.ofDays(7))),
                new DrillOptions(
                    Path.of("/srv/drill"),
                    Optional.of("nobody"),
                    Duration.ofHours(6),
                    List.of("timescaledb"),
                    List.of(
                        new Assertion(
                            "orders are there", "app", "SELECT count(*) > 0\nFROM orders\n"))),
                new ServiceChoice.Systemd("postgresql@17-sales")));
  }

  @Test
  void aRuleForOneKindWinsOverTheOneForBoth() {
    assertThat(
            yaml()
                .cluster(
                    "retention: {keep_days: 1, logical: {keep_days: 2}, physical: {keep_days: 3}}")
                .retention())
        .isEqualTo(
            Map.of(
                BackupKind.LOGICAL,
                new RetentionPolicy(2, 0, 0, 0, 0, 0, Duration.ofDays(3)),
                BackupKind.PHYSICAL,
                new RetentionPolicy(3, 0, 0, 0, 0, 0, Duration.ofDays(3))));
  }

  @Test
  void theKeysOfASingleClusterMayStandAtTheTop() {
    assertThat(yaml().cluster("repository: /mnt/disk/backup\nlogical: {jobs: 1}\n").repository())
        .isEqualTo(Path.of("/mnt/disk/backup"));
  }

  @Test
  void aSingleNamedClusterHasTheRepositoryOfThePlan() {
    assertThat(yaml().load("clusters: {sales: }").settings().clusters().get("sales").repository())
        .isEqualTo(Path.of("/backupSQL"));
  }

  @Test
  void severalClustersAreReadByName() {
    Settings settings =
        yaml()
            .load(
                """
                clusters:
                  sales:
                    repository: /backup/sales
                  archive:
                    repository: /backup/sales2
                """)
            .settings();
    assertThat(settings.clusters().keySet()).containsExactly("archive", "sales");
  }

  @Test
  void theServiceIsStoppedAndStartedInOneOfFiveWays() {
    assertThat(yaml().cluster("service: auto").service()).isEqualTo(new ServiceChoice.Auto());
    assertThat(yaml().cluster("service: {pg_ctl: true, log: /var/log/pg.log}").service())
        .isEqualTo(new ServiceChoice.PgCtl(Optional.of(Path.of("/var/log/pg.log"))));
    assertThat(yaml().cluster("service: {pg_ctlcluster: 15 main}").service())
        .isEqualTo(new ServiceChoice.PgCtlCluster("15", "main"));
    assertThat(
            yaml()
                .cluster("service: {start: [/opt/start it, now], stop: /opt/stop now, log: /l}")
                .service())
        .isEqualTo(
            new ServiceChoice.Commands(
                List.of("/opt/start it", "now"),
                List.of("/opt/stop", "now"),
                Optional.of(Path.of("/l"))));
  }

  @Test
  void fingerprintsCanBeSwitchedOff() {
    assertThat(yaml().cluster("fingerprint: off").fingerprint()).isEmpty();
    assertThat(yaml().cluster("fingerprint: {enabled: no}").fingerprint()).isEmpty();
    assertThat(yaml().cluster("fingerprint: on").fingerprint()).isEqualTo(PLAN.fingerprint());
  }

  @Test
  void alertsGoToTeamAndAdministratorsByEveryWay() {
    AlertOptions alerts =
        yaml()
            .load(
                """
                alerts:
                  team:
                    email: [ana@example.com, rui@example.com]
                    webhook: https://chat.example.com/hooks/T0
                    command: [/usr/local/bin/tell, "the team"]
                  administrators:
                    email: root@example.com
                    webhook: [https://a.example.com/1, http://127.0.0.1:8080/2]
                    command: /usr/local/bin/page admin
                  mail:
                    host: smtp.example.com
                    security: tls
                    user: prova
                    password: s3cret
                    from: prova@example.com
                  ping: {logical: https://ping.example.com/l}
                  grace: 1h
                  escalate_after: 1 day
                  language: pt
                """)
            .settings()
            .alerts();
    assertThat(alerts)
        .isEqualTo(
            new AlertOptions(
                new Recipients(
                    List.of("ana@example.com", "rui@example.com"),
                    List.of(URI.create("https://chat.example.com/hooks/T0")),
                    List.of(List.of("/usr/local/bin/tell", "the team"))),
                new Recipients(
                    List.of("root@example.com"),
                    List.of(
                        URI.create("https://a.example.com/1"),
                        URI.create("http://127.0.0.1:8080/2")),
                    List.of(List.of("/usr/local/bin/page", "admin"))),
                Optional.of(
                    new Mail(
                        "smtp.example.com",
                        465,
                        MailSecurity.TLS,
                        Optional.of("prova"),
                        Optional.of(new Secret("s3cret")),
                        "prova@example.com")),
                Map.of("logical", URI.create("https://ping.example.com/l")),
                Duration.ofHours(1),
                Duration.ofDays(1),
                Optional.of(Language.PORTUGUESE)));
  }

  @Test
  void onePingAddressIsForAllJobs() {
    assertThat(
            yaml().load("alerts: {ping: \"https://p.example.com/x\"}").settings().alerts().ping())
        .containsOnlyKeys("logical", "physical", "drill");
  }

  @Test
  void theMailPortFollowsItsSecurity() {
    assertThat(List.of("starttls", "tls", "none"))
        .extracting(each ->
            yaml()
                .load("alerts: {mail: {host: localhost, from: a@b, security: " + each + "}}")
                .settings()
                .alerts()
                .mail()
                .orElseThrow()
                .port())
        .containsExactly(587, 465, 25);
  }

  @Test
  void theMailPasswordComesFromTheFileItNamesOrFromTheEnvironment() throws IOException {
    Path secret = Files.writeString(directory.resolve("smtp"), "from file\n");
    Yaml yaml = new Yaml(directory, Map.of("PROVA_MAIL_PASSWORD", "from environment"));
    assertThat(password(yaml, mailOfUser(", password_file: " + secret)))
        .isEqualTo(new Secret("from file"));
    assertThat(password(yaml, mailOfUser(""))).isEqualTo(new Secret("from environment"));
    assertThat(password(yaml, mailOfUser(", password: \"\""))).isEqualTo(new Secret(""));
    assertThat(yaml.shown(mailOfUser(""), "alerts.mail.password"))
        .containsExactly("alerts.mail.password = (secret) ($PROVA_MAIL_PASSWORD)");
  }

  private static String mailOfUser(String more) {
    return "alerts: {mail: {host: smtp.example.com, from: a@example.com, user: u" + more + "}}";
  }

  private static Secret password(Yaml yaml, String text) {
    return yaml.load(text).settings().alerts().mail().orElseThrow().password().orElseThrow();
  }

  @Test
  void aConnectionMayBeAUriKeywordsOrAMapping() {
    Map<String, String> expected = Map.of("host", "db1", "user", "prova");
    assertThat(yaml().cluster("connection: postgresql://prova@db1").connection().given())
        .isEqualTo(expected);
    assertThat(yaml().cluster("connection: host=db1 user=prova").connection().given())
        .isEqualTo(expected);
    assertThat(yaml().cluster("connection: {host: db1, user: prova}").connection().given())
        .isEqualTo(expected);
  }

  @Test
  void aConnectionMayNameSeveralHosts() {
    assertThat(yaml().cluster("connection: postgresql://db1,db2:5433/app").connection().given())
        .isEqualTo(Map.of("host", "db1,db2", "port", ",5433", "dbname", "app"));
  }

  @Test
  void anEmptyPasswordStaysAnEmptyPassword() {
    assertThat(yaml().cluster("connection: {password: \"\"}").connection().given())
        .isEqualTo(Map.of("password", ""));
    assertThat(yaml().cluster("connection: password=''").connection().given())
        .isEqualTo(Map.of("password", ""));
    assertThat(yaml().cluster("connection: postgresql://u:@h").connection().given())
        .isEqualTo(Map.of("user", "u", "host", "h", "password", ""));
  }

  @Test
  void theAdminConnectionIsTheOrdinaryOneUnlessItSaysOtherwise() {
    String connection = "connection: {host: db1, port: 5433, user: prova, password: x}\n";
    assertThat(yaml().cluster(connection).adminConnection())
        .isEqualTo(yaml().cluster(connection).connection());
    assertThat(
            yaml()
                .cluster(connection + "admin_connection: {user: postgres}")
                .adminConnection()
                .given())
        .isEqualTo(Map.of("host", "db1", "port", "5433", "user", "postgres"));
    assertThat(
            yaml()
                .cluster(connection + "admin_connection: {password_file: /etc/prova/pw}")
                .adminConnection()
                .given())
        .isEqualTo(
            Map.of(
                "host", "db1", "port", "5433", "user", "prova", "password_file", "/etc/prova/pw"));
    assertThat(
            yaml()
                .cluster(connection + "admin_connection: {user: postgres, host: /run/postgresql}")
                .adminConnection()
                .given())
        .isEqualTo(Map.of("host", "/run/postgresql", "user", "postgres"));
  }

  @Test
  void yamlTakesNoWordForSomethingElse() {
    ClusterSettings cluster =
        yaml()
            .cluster(
                """
                connection: {user: no, dbname: 0123, application_name: 1e3}
                logical: {include: [yes, on, 12:30:45, 0x10, ~db]}
                """);
    assertThat(cluster.connection().given())
        .isEqualTo(Map.of("user", "no", "dbname", "0123", "application_name", "1e3"));
    assertThat(cluster.logical().include()).containsExactly("yes", "on", "12:30:45", "0x10", "~db");
  }

  @Test
  void aWindowsEditorDoesNoHarm() {
    assertThat(yaml().cluster("\uFEFFrepository: /srv/b\r\nlogical:\r\n  jobs: 1\r\n").repository())
        .isEqualTo(Path.of("/srv/b"));
  }

  @Test
  void everyValueHasAnOrigin() {
    String text =
        """
        logical:
          jobs: 1
        retention:
          keep_days: 60
          physical:
            keep_last: 2
        """;
    assertThat(yaml().shown(text, "logical."))
        .containsExactly(
            "logical.schedule = daily 02:00 (default)",
            "logical.include = [*] (default)",
            "logical.exclude = [] (default)",
            "logical.format = plain (default)",
            "logical.compression = none (default)",
            "logical.jobs = 1 (prova.yaml:2)",
            "logical.time_limit = 12 h (default)",
            "logical.lock_wait = 5 min (default)");
    assertThat(yaml().shown(text, "retention.").stream().filter(each -> each.contains("keep")))
        .containsExactly(
            "retention.logical.keep_days = 60 (prova.yaml:4)",
            "retention.logical.keep_last = 0 (default)",
            "retention.physical.keep_days = 60 (prova.yaml:4)",
            "retention.physical.keep_last = 2 (prova.yaml:6)");
  }

  @Test
  void everyDefaultIsShown() {
    assertThat(yaml().load("").values())
        .extracting(value -> value.path() + " = " + value.value())
        .contains(
            "connection = (libpq)",
            "admin_connection = (connection)",
            "repository = /backupSQL",
            "client_tools = []",
            "physical.schedule = sunday 03:00",
            "physical.checkpoint = fast",
            "physical.max_rate = unlimited",
            "physical.time_limit = 1 d",
            "fingerprint.enabled = true",
            "fingerprint.largest_table = 10 GB",
            "fingerprint.time = 30 min",
            "retention.logical.undo_window = 3 d",
            "drill.schedule = monthly 1 04:00",
            "drill.directory = /var/tmp",
            "drill.os_user = auto",
            "service = auto",
            "alerts.team.email = []",
            "alerts.mail = (none)",
            "alerts.ping = (none)",
            "alerts.grace = 2 h",
            "alerts.escalate_after = 12 h",
            "alerts.language = auto");
  }

  @Test
  void theFileThatIsNamedComesFirstThenTheVariablesThenTheOneHere() throws IOException {
    Files.writeString(directory.resolve("prova.yaml"), "repository: /here");
    Files.writeString(directory.resolve("variable.yaml"), "repository: /variable");
    Files.writeString(directory.resolve("named.yaml"), "repository: /named");
    Yaml plain = yaml();
    Yaml withVariable = new Yaml(directory, Map.of("PROVA_CONFIG", "variable.yaml"));
    assertThat(repository(plain, Optional.empty())).isEqualTo("/here");
    assertThat(repository(withVariable, Optional.empty())).isEqualTo("/variable");
    assertThat(repository(withVariable, Optional.of(Path.of("named.yaml")))).isEqualTo("/named");
    assertThat(repository(new Yaml(directory, Map.of("PROVA_CONFIG", "")), Optional.empty()))
        .isEqualTo("/here");
  }

  private static String repository(Yaml yaml, Optional<Path> explicit) {
    return yaml.reader().load(explicit).settings().clusters().get("main").repository().toString();
  }

  @Test
  void aNamedFileThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> yaml().reader().load(Optional.of(Path.of("conf/other.yaml"))))
        .isInstanceOf(OperationFailed.class)
        .hasMessage("conf/other.yaml cannot be read: it does not exist");
    Yaml withVariable = new Yaml(directory, Map.of("PROVA_CONFIG", "/nowhere/x.yaml"));
    assertThatThrownBy(() -> withVariable.reader().load(Optional.empty()))
        .hasMessage("/nowhere/x.yaml cannot be read: it does not exist");
  }

  @Test
  void aDirectoryIsNoConfigurationFile() {
    assertThatThrownBy(() -> yaml().reader().load(Optional.of(directory)))
        .hasMessage(directory + " is a directory, not a configuration file");
  }

  @Test
  void aFileThatCannotBeReadIsNotPassedOver() throws IOException {
    Files.createSymbolicLink(directory.resolve("prova.yaml"), Path.of("gone.yaml"));
    assertThatThrownBy(() -> yaml().reader().load(Optional.empty()))
        .hasMessage("prova.yaml cannot be read: it does not exist");
    assertThatThrownBy(() -> yaml().reader().load(Optional.of(Path.of("/proc/self/mem"))))
        .hasMessage("/proc/self/mem cannot be read: Input/output error");
  }

  @Test
  void rootDoesNotRunTheCommandsOfWhoeverOwnsThisDirectory() throws IOException {
    Path file = Files.writeString(directory.resolve("prova.yaml"), "");
    if (Files.getAttribute(file, "unix:uid").equals(0)) {
      Files.setAttribute(file, "unix:uid", 1000);
    }
    SettingsReader asRoot = new SettingsReader(Map.of(), directory, Yaml.HOME, true);
    assertThatThrownBy(() -> asRoot.load(Optional.empty()))
        .hasMessage("prova.yaml in this directory belongs to another user than root");
    assertThat(asRoot.load(Optional.of(Path.of("prova.yaml"))).settings().file()).contains(file);
  }

  @Test
  void filesThatHoldSecretsAreKnown() throws IOException {
    Path own = directory.resolve("prova.yaml");
    Path smtp = Files.writeString(directory.resolve("smtp"), "x");
    assertThat(yaml().load("connection: {user: u}").secretFiles()).isEmpty();
    assertThat(yaml().load("connection: {password: \"\"}").secretFiles()).isEmpty();
    assertThat(yaml().load("connection: {password: x}").secretFiles()).containsExactly(own);
    assertThat(yaml().load("connection: postgresql://u:x@h").secretFiles()).containsExactly(own);
    assertThat(yaml().load("alerts: {ping: \"https://p.example.com/x\"}").secretFiles())
        .containsExactly(own);
    assertThat(yaml().load("connection: {password_file: /etc/prova/pw}").secretFiles())
        .containsExactly(Path.of("/etc/prova/pw"));
    assertThat(
            yaml()
                .load(
                    "alerts: {mail: {host: h, user: u, password_file: "
                        + smtp
                        + ", from: a@example.com}}")
                .secretFiles())
        .containsExactly(smtp);
  }
}
