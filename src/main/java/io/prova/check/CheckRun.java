package io.prova.check;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Repository;
import io.prova.check.Finding.Severity;
import io.prova.postgres.ClientTools;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.ServiceControl;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Looks at everything that a backup and a restore will need, and says what to type where something
/// lacks. Changes nothing.
public final class CheckRun {

  private static final Duration SKEW_TOLERANCE = Duration.ofMinutes(5);
  private static final int NEEDED_WAL_SENDERS = 2;
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private final CheckRequest request;
  private final List<Finding> findings = new ArrayList<>();

  private CheckRun(CheckRequest request) {
    this.request = request;
  }

  public static List<Finding> run(CheckRequest request) throws IOException, InterruptedException {
    CheckRun check = new CheckRun(request);
    Optional<ClusterFacts> facts = check.connection();
    if (facts.isPresent()) {
      check.role(facts.get());
      check.serverSettings(facts.get());
      check.clock(facts.get());
      check.replication(facts.get());
      check.tools(facts.get());
      check.service(facts.get());
    }
    check.adminConnection();
    check.repository(facts);
    check.secretFiles();
    check.scratch();
    check.state();
    check.schedules();
    return List.copyOf(check.findings);
  }

  private void add(Severity severity, Message subject, Message fact, String... mend) {
    findings.add(new Finding(severity, subject, fact, List.of(mend)));
  }

  private Optional<ClusterFacts> connection() {
    Message subject = message("connection");
    try {
      ConnectionSettings settings = request.connection().get();
      try (PgSession session = PgSession.connect(settings)) {
        ClusterFacts facts = ClusterFacts.probe(session);
        add(
            Severity.OK,
            subject,
            message(
                "PostgreSQL {0} answers as {1}", facts.version().toString(), settings.toString()));
        if (facts.version().major() < io.prova.postgres.ServerVersion.OLDEST_SUPPORTED_MAJOR) {
          add(
              Severity.ERROR,
              subject,
              message(
                  "PostgreSQL {0} is older than {1}, the oldest that Prova knows",
                  facts.version().toString(),
                  io.prova.postgres.ServerVersion.OLDEST_SUPPORTED_MAJOR));
        }
        return Optional.of(facts);
      }
    } catch (OperationFailed e) {
      findings.add(
          new Finding(
              Severity.ERROR,
              subject,
              e.problem(),
              List.of(e.hint().map(Message::toString).orElse(""))));
    } catch (SqlFailed e) {
      add(Severity.ERROR, subject, message("{0}", String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  private void role(ClusterFacts facts) {
    Message subject = message("rights of role {0}", facts.role().name());
    String role = PgSession.identifier(facts.role().name());
    int before = findings.size();
    if (!facts.role().readsAllData()) {
      add(
          Severity.ERROR,
          subject,
          message("it may not read every table, so dumps would fail"),
          "GRANT pg_read_all_data TO " + role + ";");
    }
    if (!facts.role().bypassesRls()) {
      add(
          Severity.WARNING,
          subject,
          message("it is subject to row-level security: a table that has it cannot be dumped"),
          "ALTER ROLE " + role + " BYPASSRLS;");
    }
    if (request.physicalWanted() && !facts.role().replication()) {
      add(
          Severity.ERROR,
          subject,
          message("it may not take physical backups (REPLICATION lacks)"),
          "ALTER ROLE " + role + " REPLICATION;");
    }
    if (!facts.role().monitors()) {
      add(
          Severity.WARNING,
          subject,
          message("it may not see where data and configuration lie (pg_monitor lacks)"),
          "GRANT pg_monitor TO " + role + ";");
    }
    if (!facts.role().superuser()) {
      databases(role);
    }
    if (findings.size() == before) {
      add(
          Severity.OK,
          subject,
          facts.role().superuser()
              ? message("superuser: enough, and more than backups need")
              : message("enough for backups; roles' passwords are not dumped (needs a superuser)"));
    }
  }

  /// pg_read_all_data extends neither to entering databases nor to large objects.
  private void databases(String role) {
    record Listed(String name, boolean connects) {}
    try (PgSession session = PgSession.connect(request.connection().get())) {
      List<Listed> databases =
          session.query(
              """
              SELECT datname, pg_catalog.has_database_privilege(oid, 'CONNECT') FROM pg_catalog.pg_database
              WHERE datallowconn AND datname NOT IN ('template0', 'template1') ORDER BY datname COLLATE "C"\
              """,
              row -> new Listed(row.getString(1), row.getBoolean(2)));
      for (Listed database : databases) {
        if (!request.dumped().test(database.name)) {
          continue;
        }
        if (!database.connects) {
          add(
              Severity.ERROR,
              message("rights in database {0}", database.name),
              message("it may not connect to it, so it cannot be dumped"),
              "GRANT CONNECT ON DATABASE "
                  + PgSession.identifier(database.name)
                  + " TO "
                  + role
                  + ";");
          continue;
        }
        largeObjects(role, database.name);
      }
    } catch (OperationFailed | SqlFailed e) {
      add(
          Severity.UNKNOWN,
          message("rights in databases"),
          message("{0}", String.valueOf(e.getMessage())));
    }
  }

  /// The setting lets a role read every large object, those of tomorrow too; grants would have to
  /// be given anew for each. Only a superuser can give it.
  private void largeObjects(String role, String database) {
    long unreadable = unreadableLargeObjects(database);
    if (unreadable > 0) {
      add(
          Severity.ERROR,
          message("rights in database {0}", database),
          message("{0} large {0|object|objects} may not be read, so a dump would fail", unreadable),
          "ALTER ROLE " + role + " SET lo_compat_privileges = on;");
    }
  }

  private long unreadableLargeObjects(String database) {
    try (PgSession session = PgSession.connect(request.connection().get().withDatabase(database))) {
      return session.number(
          """
          SELECT count(*) FROM pg_catalog.pg_largeobject_metadata m
          WHERE current_setting('lo_compat_privileges') = 'off'
            AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE')
            AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a
                            WHERE a.privilege_type = 'SELECT'
                              AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))\
          """);
    }
  }

  private void serverSettings(ClusterFacts facts) {
    Message subject = message("server settings");
    int before = findings.size();
    if (!facts.dataChecksums()) {
      add(
          Severity.WARNING,
          subject,
          message(
              "data checksums are off: damage on the server's disk goes unnoticed into the backups"),
          "pg_checksums --enable -D DATA_DIRECTORY   # with the server stopped");
    }
    if (request.physicalWanted()) {
      if (facts.setting("wal_level").filter("minimal"::equals).isPresent()) {
        add(
            Severity.ERROR,
            subject,
            message("wal_level is minimal: physical backups need replica"),
            "ALTER SYSTEM SET wal_level = replica;   -- then restart the server");
      }
      int senders =
          facts.setting("max_wal_senders").map(Integer::parseInt).orElse(NEEDED_WAL_SENDERS);
      if (senders < NEEDED_WAL_SENDERS) {
        add(
            Severity.ERROR,
            subject,
            message(
                "max_wal_senders is {0}: physical backups need {1}", senders, NEEDED_WAL_SENDERS),
            "ALTER SYSTEM SET max_wal_senders = 10;   -- then restart the server");
      }
    }
    if (facts.setting("fsync").filter("off"::equals).isPresent()) {
      add(
          Severity.WARNING,
          subject,
          message("fsync is off: a power cut destroys this cluster"),
          "ALTER SYSTEM RESET fsync; SELECT pg_reload_conf();");
    }
    if (findings.size() == before) {
      add(
          Severity.OK,
          subject,
          message("checksums on, wal_level {0}", facts.setting("wal_level").orElse("-")));
    }
  }

  private void clock(ClusterFacts facts) {
    Duration ahead = Duration.between(request.clock().instant(), facts.serverTime());
    if (ahead.abs().compareTo(SKEW_TOLERANCE) > 0) {
      add(
          Severity.WARNING,
          message("clocks"),
          message(
              "this machine's clock and the server's differ by {0}; nothing is expired until they agree",
              ahead.abs()),
          "timedatectl set-ntp true   # on both machines");
    } else {
      add(Severity.OK, message("clocks"), message("this machine's and the server's agree"));
    }
  }

  /// Only trying shows whether pg_hba.conf lets a replication connection in.
  private void replication(ClusterFacts facts) throws IOException, InterruptedException {
    if (!request.physicalWanted() || !facts.role().replication()) {
      return;
    }
    Message subject = message("replication connection");
    Optional<String> refused = ReplicationProbe.refusal(request, facts.version().major());
    if (refused.isEmpty()) {
      add(Severity.OK, subject, message("accepted"));
      return;
    }
    add(
        Severity.ERROR,
        subject,
        message("refused: {0}", refused.get()),
        HbaLine.of(request.connection().get(), "replication")
            + "   # add to "
            + facts.setting("hba_file").orElse("pg_hba.conf"),
        "SELECT pg_reload_conf();");
  }

  private void tools(ClusterFacts facts) throws IOException, InterruptedException {
    List<String> needed = new ArrayList<>(List.of("pg_dump", "pg_dumpall", "psql", "pg_restore"));
    if (request.physicalWanted()) {
      needed.addAll(List.of("pg_basebackup", "pg_verifybackup"));
    }
    int major = facts.version().major();
    Message subject = message("programs of PostgreSQL {0}", major);
    Optional<ClientTools.Tool> oldest = Optional.empty();
    for (String name : needed) {
      try {
        ClientTools.Tool tool = request.tools().forServer(name, major);
        if (oldest.isEmpty() || tool.version().compareTo(oldest.get().version()) < 0) {
          oldest = Optional.of(tool);
        }
      } catch (OperationFailed e) {
        findings.add(
            new Finding(
                Severity.ERROR,
                subject,
                e.problem(),
                List.of("apt-get install postgresql-client-" + major)));
        return;
      }
    }
    ClientTools.Tool tool = oldest.orElseThrow();
    if (tool.version().isBelowSafeMinor()) {
      add(
          Severity.WARNING,
          subject,
          message(
              "version {0} in {1} has known faults that {2} mends",
              tool.version().toString(),
              tool.program().getParent(),
              tool.version().safeMinor().map(Object::toString).orElse("-")),
          "apt-get update && apt-get install --only-upgrade postgresql-client-"
              + tool.version().major());
    } else {
      add(
          Severity.OK,
          subject,
          message("version {0} in {1}", tool.version().toString(), tool.program().getParent()));
    }
    boolean server =
        request.tools().all("postgres").stream().anyMatch(each -> each.version().major() == major);
    boolean amcheck =
        request.tools().all("pg_amcheck").stream()
            .anyMatch(each -> each.version().major() == major);
    if (!server || !amcheck) {
      add(
          Severity.WARNING,
          message("restore tests"),
          message(
              "the server of PostgreSQL {0} is not installed on this machine, so backups cannot be proven here",
              major),
          "apt-get install postgresql-" + major);
    } else {
      add(Severity.OK, message("restore tests"), message("the server's programs are here"));
    }
  }

  private void service(ClusterFacts facts) throws IOException {
    Optional<Path> dataDirectory = facts.setting("data_directory").map(Path::of);
    if (dataDirectory.isEmpty() || !Files.isDirectory(dataDirectory.get())) {
      add(
          Severity.WARNING,
          message("in-place restore"),
          message(
              "the data directory is not on this machine (or not to be seen): restores go to a directory or into databases"));
      return;
    }
    OsUser owner =
        OsUser.find(
                Files.readAttributes(dataDirectory.get(), PosixFileAttributes.class)
                    .owner()
                    .getName())
            .orElse(request.user());
    ServiceControl service =
        ServiceControl.of(
            request.service(),
            dataDirectory.get(),
            facts.setting("config_file").map(Path::of),
            owner,
            Optional.of(Path.of("pg_ctl")),
            Duration.ofMinutes(1),
            request.redactor());
    Message subject = message("in-place restore");
    if (!request.user().isRoot() && request.user().uid() != owner.uid()) {
      add(
          Severity.WARNING,
          subject,
          message(
              "{0} may not replace {1}; run restores in place as root or as {2}",
              request.user().name(), dataDirectory.get(), owner.name()));
    } else if (service.choice() instanceof ServiceChoice.Systemd(var unit)
        && !request.user().isRoot()) {
      add(
          Severity.WARNING,
          subject,
          message(
              "{0} may not stop the unit {1}; run restores in place as root",
              request.user().name(), unit));
    } else {
      add(
          Severity.OK,
          subject,
          message("the service is stopped by: {0}", String.join(" ", service.stopCommand())));
    }
  }

  private void adminConnection() {
    Message subject = message("connection for restores");
    try {
      ConnectionSettings settings = request.adminConnection().get();
      try (PgSession session = PgSession.connect(settings)) {
        ClusterFacts.Role role = ClusterFacts.probe(session).role();
        if (role.superuser()) {
          add(Severity.OK, subject, message("superuser {0}", role.name()));
        } else {
          add(
              Severity.WARNING,
              subject,
              message(
                  "role {0} is no superuser: owners, extensions and grants may not come back",
                  role.name()),
              "admin_connection: { user: postgres }   # in prova.yaml, with a way to log in");
        }
      }
    } catch (OperationFailed e) {
      findings.add(
          new Finding(
              Severity.WARNING,
              subject,
              e.problem(),
              List.of(e.hint().map(Message::toString).orElse(""))));
    } catch (SqlFailed e) {
      add(Severity.UNKNOWN, subject, message("{0}", String.valueOf(e.getMessage())));
    }
  }

  private void repository(Optional<ClusterFacts> facts) throws IOException {
    Message subject = message("repository {0}", request.repository());
    Repository repository;
    try {
      repository = Repository.open(request.repository());
    } catch (OperationFailed e) {
      findings.add(
          new Finding(
              Severity.ERROR, subject, e.problem(), List.of(request.provaCommand() + " init")));
      return;
    }
    int before = findings.size();
    if (!Files.isWritable(repository.root())) {
      add(
          Severity.ERROR,
          subject,
          message("{0} may not write to it", request.user().name()),
          "chown -R " + request.user().name() + " " + repository.root());
    }
    if (openToOthers(repository.root())) {
      add(
          Severity.ERROR,
          subject,
          message("others may look into it: backups hold everything the databases hold"),
          "chmod 700 " + repository.root());
    }
    if (facts.isPresent() && !repository.accepts(facts.get().systemIdentifier())) {
      add(
          Severity.ERROR,
          subject,
          message(
              "it is for the cluster {0}, the server is {1}",
              repository.marker().systemIdentifier().toString(),
              facts.get().systemIdentifier().toString()),
          request.provaCommand()
              + " init --adopt   # only if the cluster was rebuilt or upgraded on purpose");
    }
    if (!Files.isWritable(repository.root())) {
      return;
    }
    Listing listing = repository.catalog().list();
    listing.doubts().forEach(doubt -> add(Severity.ERROR, subject, doubt));
    if (findings.size() == before) {
      add(
          Severity.OK,
          subject,
          message("reachable and ours, {0} {0|backup|backups}", listing.entries().size()));
    }
    space(repository, listing, facts);
  }

  private static boolean openToOthers(Path path) throws IOException {
    return Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains);
  }

  private void space(Repository repository, Listing listing, Optional<ClusterFacts> facts)
      throws IOException {
    long logical =
        listing.newest(BackupKind.LOGICAL).map(entry -> entry.backup().stored().bytes()).orElse(0L);
    long physical =
        listing
            .newest(BackupKind.PHYSICAL)
            .map(entry -> entry.backup().stored().bytes())
            .orElse(0L);
    long cluster =
        facts
            .map(each -> each.databases().stream().mapToLong(ClusterFacts.Database::bytes).sum())
            .orElse(0L);
    ByteCount needed = new ByteCount(Math.max(logical + physical, cluster));
    ByteCount free = new ByteCount(Files.getFileStore(repository.root()).getUsableSpace());
    if (free.compareTo(needed) < 0) {
      add(
          Severity.ERROR,
          message("free space"),
          message("{0} free, the next backups need about {1}", free, needed),
          request.provaCommand() + " expire --dry-run",
          "df -h " + repository.root());
    } else if (free.bytes() < 3 * needed.bytes()) {
      add(
          Severity.WARNING,
          message("free space"),
          message("{0} free, a backup of each kind needs about {1}", free, needed));
    } else {
      add(
          Severity.OK,
          message("free space"),
          message("{0} free, a backup of each kind needs about {1}", free, needed));
    }
  }

  private void secretFiles() throws IOException {
    Message subject = message("secrets");
    int before = findings.size();
    for (Path file : request.secretFiles()) {
      if (!Files.exists(file)) {
        add(Severity.ERROR, subject, message("{0} does not exist", file));
      } else if (openToOthers(file)) {
        add(
            Severity.ERROR,
            subject,
            message("{0} holds a secret, and others may read it", file),
            "chmod 600 " + file);
      }
    }
    if (findings.size() == before) {
      add(Severity.OK, subject, message("no file with a secret is open to others"));
    }
  }

  private void scratch() throws IOException {
    Message subject = message("drill directory {0}", request.scratchDirectory());
    if (!Files.isDirectory(request.scratchDirectory())
        || !Files.isWritable(request.scratchDirectory())) {
      add(
          Severity.ERROR,
          subject,
          message("{0} may not write to it, so no drill can be done", request.user().name()),
          "install -d -m 1777 " + request.scratchDirectory());
    } else {
      add(
          Severity.OK,
          subject,
          message(
              "{0} free",
              new ByteCount(Files.getFileStore(request.scratchDirectory()).getUsableSpace())));
    }
  }

  private void state() {
    Message subject = message("state directory {0}", request.stateDirectory());
    Path existing = request.stateDirectory();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent(); // it is created when it is needed
    }
    if (!Files.isWritable(existing)) {
      add(
          Severity.ERROR,
          subject,
          message(
              "{0} may not write to it, so logs and unsent alerts are lost", request.user().name()),
          "install -d -m 700 -o " + request.user().name() + " " + request.stateDirectory());
    }
  }

  private void schedules() {
    Message subject = message("schedule");
    if (request.schedules().isEmpty()) {
      add(Severity.WARNING, subject, message("nothing is scheduled; backups run by hand only"));
    }
    request.schedules().forEach(schedule -> add(Severity.OK, subject, schedule));
    if (!request.alertsConfigured()) {
      add(
          Severity.WARNING,
          message("alerts"),
          message("nobody is told when a backup fails"),
          "alerts: { team: { email: you@example.com }, mail: { host: smtp.example.com, from: prova@example.com } }   # in prova.yaml");
    }
  }
}
