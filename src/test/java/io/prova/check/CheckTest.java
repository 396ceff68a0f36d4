package io.prova.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.prova.base.Message;
import io.prova.base.Secret;
import io.prova.catalog.PhysicalMethod;
import io.prova.catalog.Repository;
import io.prova.check.Finding.Severity;
import io.prova.postgres.ClientTools;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.SystemIdentifier;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.Endpoint;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import io.prova.testing.EmbeddedPostgres;
import io.prova.testing.Installation;
import io.prova.testing.PgCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Set-ups that are wrong, each in one way: the check finds it, and what it says to type, typed as
/// it stands into a shell, mends it.
class CheckTest {

  private static final String[] LOCAL = {
    "local all all trust", "local replication all trust",
  };

  private static PgCluster cluster;

  /// One for all: they remember the versions, for which each program is asked once.
  private static ClientTools installedTools;

  private Path directory;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster =
        PgCluster.start(
            "wal_level = replica",
            "fsync = on",
            "listen_addresses = '127.0.0.1'",
            "port = " + PgCluster.freePort());
    installedTools = tools(List.of(cluster.bin()));
  }

  private static ClientTools tools(List<Path> directories) throws IOException {
    return ClientTools.on(directories, System.getenv("PATH"), PgCluster.REDACTOR);
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @BeforeEach
  void createDirectory() throws IOException {
    directory = Files.createTempDirectory(Path.of("/tmp"), "prova-test-check-");
  }

  @AfterEach
  void cleanUp() throws IOException {
    cluster.allowOnly(LOCAL);
    cluster.sql(
        "postgres",
        "DROP DATABASE IF EXISTS closed",
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'weak') THEN DROP OWNED BY weak; DROP ROLE weak; END IF; END $$");
    DurableFiles.deleteTree(directory);
  }

  /// What is checked; good as it is, and each test makes one thing of it bad.
  private final class SetUp {
    Supplier<ConnectionSettings> connection = () -> cluster.connection("postgres");
    Supplier<ConnectionSettings> adminConnection = () -> cluster.connection("postgres");
    Path repository = directory.resolve("backupSQL");
    ClientTools tools = installedTools;
    Optional<PhysicalMethod> physical = Optional.of(PhysicalMethod.PG_BASEBACKUP);
    ServiceChoice service = new ServiceChoice.Auto();
    List<Path> secretFiles = List.of();
    Path scratchDirectory = Path.of("/var/tmp");
    CheckRequest.ScratchUser scratchUser = PgCluster::serverUser;
    Path stateDirectory = directory.resolve("state");
    List<Message> schedules = List.of(Message.message("logical backup: every day at 02:00"));
    boolean alerts = true;
    InstantSource clock = InstantSource.system();

    SetUp() throws IOException {
      createRepository(systemOf(cluster));
    }

    void createRepository(SystemIdentifier system) throws IOException {
      Repository.create(repository, "main", system, ZoneId.of("UTC"), Instant.now());
    }

    List<Finding> check() throws Exception {
      return CheckRun.run(
          new CheckRequest(
              "main",
              connection,
              adminConnection,
              repository,
              tools,
              database -> true,
              physical,
              service,
              secretFiles,
              scratchDirectory,
              scratchUser,
              "prova-drill",
              stateDirectory,
              schedules,
              alerts,
              "prova",
              OsUser.current(),
              clock,
              PgCluster.REDACTOR));
    }

    /// The findings that are not good, but for the installed minor's age, which this machine has.
    List<Finding> trouble() throws Exception {
      return check().stream()
          .filter(finding -> finding.severity() != Severity.OK)
          .filter(finding -> !finding.fact().toString().contains("has known faults"))
          .toList();
    }
  }

  private static SystemIdentifier systemOf(PgCluster which) {
    try (PgSession session = which.session("postgres")) {
      return ClusterFacts.systemIdentifier(session);
    }
  }

  private static Finding only(List<Finding> findings, Severity severity, String fact) {
    List<Finding> found =
        findings.stream().filter(each -> each.fact().toString().contains(fact)).toList();
    assertThat(found).as("%s in %s", fact, findings).hasSize(1);
    assertThat(found.getFirst().severity()).isEqualTo(severity);
    return found.getFirst();
  }

  private static void type(Finding finding) throws Exception {
    assertThat(finding.mend()).as(finding.toString()).isNotEmpty();
    for (String line : finding.mend()) {
      Path output = Files.createTempFile("prova-test", ".out");
      Process shell =
          new ProcessBuilder("/bin/sh", "-c", line)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      int code = shell.waitFor();
      String said = Files.readString(output);
      Files.delete(output);
      assertThat(code).as("%s: %s", line, said).isZero();
    }
  }

  @FunctionalInterface
  private interface Sabotage {
    void on(SetUp setUp) throws Exception;
  }

  /// @param typed whether what it says to type is typed, and must mend it
  private record Wrong(
      String name, Severity severity, String fact, boolean typed, Sabotage sabotage) {

    static Wrong mendable(String name, Severity severity, String fact, Sabotage sabotage) {
      return new Wrong(name, severity, fact, true, sabotage);
    }

    static Wrong told(String name, Severity severity, String fact, Sabotage sabotage) {
      return new Wrong(name, severity, fact, false, sabotage);
    }
  }

  @Test
  void aGoodSetUpHasNoTrouble() throws Exception {
    assertThat(new SetUp().trouble()).isEmpty();
  }

  private static Supplier<ConnectionSettings> at(Endpoint endpoint, String user, String password) {
    return () ->
        new ConnectionSettings(
            List.of(endpoint),
            user,
            "postgres",
            Optional.of(new Secret(password)),
            Map.of("connect_timeout", "5"),
            Map.of());
  }

  private static Endpoint tcp() {
    return new Endpoint("127.0.0.1", cluster.port());
  }

  private List<Wrong> wrongs() {
    return List.of(
        Wrong.told(
            "no server there",
            Severity.ERROR,
            "cannot connect as",
            setUp ->
                setUp.connection = at(new Endpoint(directory.toString(), 5432), "postgres", "")),
        Wrong.told(
            "wrong port",
            Severity.ERROR,
            "cannot connect as",
            setUp -> {
              int port = PgCluster.freePort();
              setUp.connection = at(new Endpoint("127.0.0.1", port), "postgres", "");
            }),
        Wrong.told(
            "wrong password",
            Severity.ERROR,
            "password authentication failed",
            setUp -> {
              cluster.sql("postgres", "CREATE ROLE weak LOGIN PASSWORD 'right'");
              cluster.allowOnly(LOCAL[0], LOCAL[1], "host all all 127.0.0.1/32 scram-sha-256");
              setUp.connection = at(tcp(), "weak", "wrong");
            }),
        Wrong.told(
            "no such role",
            Severity.ERROR,
            "role \"weak\" does not exist",
            setUp -> setUp.connection = () -> cluster.connection("postgres", "weak")),
        Wrong.mendable(
            "pg_hba.conf has no line for the role",
            Severity.ERROR,
            "no pg_hba.conf entry for host",
            setUp -> {
              strong();
              setUp.connection = at(tcp(), "weak", "right");
            }),
        Wrong.mendable(
            "pg_hba.conf rejects the role",
            Severity.ERROR,
            "pg_hba.conf rejects connection",
            setUp -> {
              strong();
              cluster.allowOnly(LOCAL[0], LOCAL[1], "host all all 127.0.0.1/32 reject");
              setUp.connection = at(tcp(), "weak", "right");
            }),
        Wrong.mendable(
            "pg_hba.conf has no line for replication",
            Severity.ERROR,
            "no pg_hba.conf entry for replication connection",
            setUp -> {
              strong();
              cluster.allowOnly(LOCAL[0], LOCAL[1], "host all all 127.0.0.1/32 scram-sha-256");
              setUp.connection = at(tcp(), "weak", "right");
            }),
        Wrong.mendable(
            "the role may not begin a backup",
            Severity.WARNING,
            "may not begin and end a backup",
            setUp -> {
              strong();
              cluster.allowOnly(
                  LOCAL[0],
                  LOCAL[1],
                  "host all all 127.0.0.1/32 scram-sha-256",
                  "host replication all 127.0.0.1/32 scram-sha-256");
              setUp.physical = Optional.of(PhysicalMethod.AUTO);
              setUp.connection = at(tcp(), "weak", "right");
            }),
        Wrong.mendable(
            "pg_hba.conf lets the role into some databases only",
            Severity.ERROR,
            "database \"closed\"",
            setUp -> {
              strong();
              cluster.sql("postgres", "CREATE DATABASE closed");
              cluster.allowOnly(
                  LOCAL[0],
                  LOCAL[1],
                  "host postgres all 127.0.0.1/32 scram-sha-256",
                  "host replication all 127.0.0.1/32 scram-sha-256");
              setUp.connection = at(tcp(), "weak", "right");
            }),
        Wrong.mendable(
            "a database that lets nobody in",
            Severity.ERROR,
            "permission denied for database",
            setUp -> {
              strong();
              cluster.sql(
                  "postgres",
                  "CREATE DATABASE closed",
                  "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
              setUp.connection = () -> cluster.connection("postgres", "weak");
            }),
        Wrong.mendable(
            "a role that may not read", Severity.ERROR, "it may not read every table", this::weak),
        Wrong.mendable(
            "a role without REPLICATION",
            Severity.ERROR,
            "it may not take physical backups",
            this::weak),
        Wrong.mendable(
            "a role under row-level security",
            Severity.WARNING,
            "it is subject to row-level security",
            this::weak),
        Wrong.mendable(
            "a role that sees no settings",
            Severity.WARNING,
            "it may not see where data and configuration lie",
            this::weak),
        Wrong.mendable(
            "large objects of somebody else",
            Severity.ERROR,
            "1 large object may not be read",
            setUp -> {
              strong();
              cluster.sql("postgres", "CREATE DATABASE closed");
              cluster.sql("closed", "SELECT lo_from_bytea(0, 'x')");
              setUp.connection = () -> cluster.connection("postgres", "weak");
            }),
        Wrong.mendable(
            "fsync off",
            Severity.WARNING,
            "fsync is off",
            setUp ->
                cluster.sql(
                    "postgres",
                    "ALTER SYSTEM SET fsync = off",
                    "SELECT pg_reload_conf()",
                    "SELECT pg_sleep(0.5)")),
        Wrong.told(
            "a tablespace inside the data directory",
            Severity.WARNING,
            "it lies inside the data directory",
            setUp -> {
              Path inside = Files.createDirectories(cluster.dataDirectory().resolve("ts"));
              cluster.own(inside);
              cluster.sql("postgres", "CREATE TABLESPACE inside LOCATION '" + inside + "'");
            }),
        Wrong.told(
            "a superuser for restores who is none",
            Severity.WARNING,
            "role weak is no superuser",
            setUp -> {
              strong();
              setUp.adminConnection = () -> cluster.connection("postgres", "weak");
            }),
        Wrong.told(
            "programs older than the server",
            Severity.ERROR,
            "is older than the server, which is PostgreSQL 15",
            setUp -> setUp.tools = tools(List.of(fakeTools("14.25")))),
        Wrong.told(
            "no programs",
            Severity.ERROR,
            "is not installed",
            setUp -> setUp.tools = tools(List.of(directory))),
        Wrong.told(
            "clocks that differ",
            Severity.WARNING,
            "this machine's clock and the server's differ by",
            setUp -> setUp.clock = () -> Instant.now().plus(Duration.ofMinutes(20))),
        Wrong.told(
            "no repository",
            Severity.ERROR,
            "does not exist",
            setUp -> DurableFiles.deleteTree(setUp.repository)),
        Wrong.told(
            "the mount point of a disk that is not mounted",
            Severity.ERROR,
            "is not a repository: it has no repository.json",
            setUp -> {
              DurableFiles.deleteTree(setUp.repository);
              Files.createDirectory(setUp.repository);
            }),
        Wrong.told(
            "the repository of another cluster",
            Severity.ERROR,
            "it is for the cluster 7000000000000000001",
            setUp -> {
              DurableFiles.deleteTree(setUp.repository);
              setUp.createRepository(SystemIdentifier.parse("7000000000000000001"));
            }),
        Wrong.mendable(
            "a repository that others may look into",
            Severity.ERROR,
            "others may look into it",
            setUp ->
                Files.setPosixFilePermissions(
                    setUp.repository, PosixFilePermissions.fromString("rwxr-x---"))),
        Wrong.mendable(
            "a secret that others may read",
            Severity.ERROR,
            "holds a secret, and others may read it",
            setUp -> {
              Path secret = Files.writeString(directory.resolve("it's a secret"), "x");
              Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
              setUp.secretFiles = List.of(secret);
            }),
        Wrong.told(
            "a secret that is not there",
            Severity.ERROR,
            "does not exist",
            setUp -> setUp.secretFiles = List.of(directory.resolve("nowhere"))),
        Wrong.mendable(
            "no drill directory",
            Severity.ERROR,
            "so no drill can be done",
            setUp -> setUp.scratchDirectory = directory.resolve("drills")),
        Wrong.told(
            "nobody to run scratch servers",
            Severity.ERROR,
            "there is no unprivileged user",
            setUp ->
                setUp.scratchUser =
                    () -> {
                      throw new IOException("there is no unprivileged user to run scratch servers");
                    }),
        Wrong.told(
            "a service that cannot be stopped",
            Severity.ERROR,
            "the service cannot be stopped or started: /nowhere/stop-pg is not there",
            setUp ->
                setUp.service =
                    new ServiceChoice.Commands(
                        List.of("/bin/true"), List.of("/nowhere/stop-pg"), Optional.empty())),
        Wrong.told(
            "nothing scheduled",
            Severity.WARNING,
            "nothing is scheduled",
            setUp -> setUp.schedules = List.of()),
        Wrong.told(
            "nobody to tell",
            Severity.WARNING,
            "nobody is told when a backup fails",
            setUp -> setUp.alerts = false));
  }

  /// With all the rights, so that only what else is wrong is found.
  private static void strong() {
    cluster.sql(
        "postgres",
        "CREATE ROLE weak LOGIN REPLICATION BYPASSRLS PASSWORD 'right'",
        "GRANT pg_read_all_data, pg_monitor TO weak");
  }

  private void weak(SetUp setUp) {
    cluster.sql("postgres", "CREATE ROLE weak LOGIN");
    setUp.connection = () -> cluster.connection("postgres", "weak");
  }

  private Path fakeTools(String version) throws IOException {
    Path tools = Files.createDirectories(directory.resolve("tools"));
    for (String name :
        List.of(
            "pg_dump", "pg_dumpall", "psql", "pg_restore", "pg_basebackup", "pg_verifybackup")) {
      Path tool =
          Files.writeString(
              tools.resolve(name), "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n");
      Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return tools;
  }

  @TestFactory
  Stream<DynamicTest> whatIsWrongIsFoundAndWhatIsTypedMendsIt() {
    return wrongs().stream()
        .map(wrong ->
            dynamicTest(
                wrong.name(),
                () -> {
                  createDirectoryAnew();
                  try {
                    check(wrong);
                  } finally {
                    cluster.sql("postgres", "DROP TABLESPACE IF EXISTS inside");
                    cleanUp();
                  }
                }));
  }

  private void createDirectoryAnew() throws IOException {
    DurableFiles.deleteTree(directory);
    cleanUp();
    createDirectory();
  }

  private void check(Wrong wrong) throws Exception {
    SetUp setUp = new SetUp();
    wrong.sabotage().on(setUp);
    List<Finding> trouble = setUp.trouble();
    Finding finding = only(trouble, wrong.severity(), wrong.fact());
    assertThat(finding.hint().isPresent() || !finding.mend().isEmpty())
        .as("says what to do: %s", finding)
        .isTrue();
    if (wrong.typed()) {
      type(finding);
      Thread.sleep(300); // pg_reload_conf() only asks for it
      assertThat(setUp.trouble()).noneMatch(each -> each.fact().toString().contains(wrong.fact()));
    }
  }

  @Test
  void aRoleWithNothingHasEverythingAfterTypingWhatIsSaid() throws Exception {
    SetUp setUp = new SetUp();
    weak(setUp);
    for (Finding finding : setUp.trouble()) {
      if (!finding.mend().isEmpty()) {
        type(finding);
      }
    }
    assertThat(setUp.trouble()).isEmpty();
  }

  @Test
  void aServerThatCannotBeBackedUpAtAllCanBeAfterTypingWhatIsSaid() throws Exception {
    try (PgCluster bad = PgCluster.start("wal_level = minimal", "max_wal_senders = 0")) {
      bad.stopServer();
      bad.run("pg_checksums", List.of("--disable", "-D", bad.dataDirectory().toString()));
      bad.startServer();
      SetUp setUp = new SetUp();
      DurableFiles.deleteTree(setUp.repository);
      setUp.createRepository(systemOf(bad));
      setUp.connection = () -> bad.connection("postgres");
      setUp.adminConnection = setUp.connection;
      List<Finding> trouble = setUp.trouble();
      assertThat(trouble)
          .extracting(each -> each.fact().toString())
          .containsExactly(
              "data checksums are off: damage on the server's disk goes unnoticed into the backups",
              "wal_level is minimal: physical backups need replica",
              "max_wal_senders is 0: physical backups need 2",
              "fsync is off: a power cut destroys this cluster",
              "refused: psql: error: connection to server on socket \"%s\" failed: FATAL:  number of requested standby connections exceeds max_wal_senders (currently 0)"
                  .formatted(bad.root().resolve(".s.PGSQL.5432")));
      for (Finding finding : trouble) {
        if (!finding.mend().isEmpty()) {
          type(finding);
        }
      }
      assertThat(setUp.trouble()).isEmpty();
    }
  }

  @Test
  void aMinorWithKnownFaultsIsNamed() throws Exception {
    SetUp setUp = new SetUp();
    setUp.tools = tools(List.of(fakeTools("15.3")));
    only(setUp.check(), Severity.WARNING, "version 15.3 in " + directory.resolve("tools"));
  }

  @Test
  void aDiskThatIsTooSmallOrReadOnlyIsNamed() throws Exception {
    Assumptions.assumeTrue(OsUser.current().isRoot(), "mounting needs root");
    Path mount = Files.createDirectories(directory.resolve("disk"));
    Assumptions.assumeTrue(
        new ProcessBuilder(
                    "mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", mount.toString())
                .start()
                .waitFor()
            == 0,
        "no tmpfs here");
    try {
      SetUp setUp = new SetUp();
      DurableFiles.deleteTree(setUp.repository);
      setUp.repository = mount.resolve("backupSQL");
      setUp.createRepository(systemOf(cluster));
      only(setUp.trouble(), Severity.ERROR, "free, the next backups need about");

      new ProcessBuilder("mount", "-o", "remount,ro", mount.toString()).start().waitFor();
      type(only(setUp.trouble(), Severity.ERROR, "its file system is mounted read-only"));
      assertThat(setUp.trouble())
          .noneMatch(each -> each.fact().toString().contains("mounted read-only"));
    } finally {
      new ProcessBuilder("umount", mount.toString()).start().waitFor();
    }
  }

  @Test
  void aServerNewerThanTheProgramsIsRefusedBeforeAnythingStarts() throws Exception {
    Optional<Path> bin = EmbeddedPostgres.bin(EmbeddedPostgres.NEWEST);
    Assumptions.assumeTrue(bin.isPresent(), "no server of a newer major here");
    try (PgCluster newer = PgCluster.start(bin.get(), List.of(), "wal_level = replica");
        Installation installation = Installation.empty()) {
      installation.configure(newer, "physical: { method: pg_basebackup }");
      installation.write(
          Files.readString(installation.configFile())
              .replace("client_tools: " + newer.bin(), "client_tools: " + cluster.bin()));
      Installation.Answer init = installation.run("init");
      assertThat(init.exitCode()).isEqualTo(2);
      assertThat(init.out())
          .contains("pg_dump 15.")
          .contains(
              "is older than the server, which is PostgreSQL 18; an older pg_dump must not be used")
          .contains("apt-get install postgresql-client-18");
      for (String kind : List.of("--logical", "--physical")) {
        Installation.Answer backup = installation.run("backup", kind);
        assertThat(backup.exitCode()).isEqualTo(12);
        assertThat(backup.error()).contains("is older than the server, which is PostgreSQL 18");
      }
      assertThat(installation.backups()).isEmpty();
      try (Stream<Path> incoming = Files.list(installation.repository().resolve("logicos"))) {
        assertThat(incoming).isEmpty();
      }
    }
  }

  @Test
  void aTestAlertReachesEverybodyAndSaysWhomItDoesNot() throws Exception {
    try (Installation installation =
        Installation.of(cluster, "physical: {schedule: never}", InstantSource.system())) {
      Installation.Answer answer = installation.run("check", "--send-test-alert");
      assertThat(answer.out()).contains("test alert delivered");
      assertThat(installation.told("team")).containsExactly("test [Prova] test alert from db1");
      assertThat(installation.told("administrators"))
          .containsExactly("test [Prova] test alert from db1");

      Files.writeString(installation.root().resolve("tell.sh"), "echo no line >&2; exit 1");
      Installation.Answer failed = installation.run("check", "--send-test-alert");
      assertThat(failed.exitCode()).isEqualTo(60);
      assertThat(failed.out()).contains("ended with exit code 1: no line");
    }
  }

  @Test
  void everyFindingIsReadByMachinesToo() throws Exception {
    try (Installation installation =
        Installation.of(cluster, "physical: {schedule: never}", InstantSource.system())) {
      String json = installation.run("check", "--json").out();
      assertThat(json).contains("\"schema\":\"prova.check.v1\"").contains("\"severity\":\"ok\"");
      List<String> lines = new ArrayList<>(json.lines().toList());
      assertThat(lines).hasSize(1);
    }
  }
}
