package io.prova.check;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.PhysicalMethod;
import io.prova.catalog.Repository;
import io.prova.check.Finding.Severity;
import io.prova.postgres.ClientTools;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.LocalAccess;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServerVersion;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.ServiceControl;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Looks at everything that a backup and a restore will need, and says what to type where something
/// lacks. Changes nothing.
public final class CheckRun {

  private static final Duration SKEW_TOLERANCE = Duration.ofMinutes(5);
  private static final int NEEDED_WAL_SENDERS = 2;
  private static final Duration SERVICE_LIMIT = Duration.ofMinutes(1);
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private final CheckRequest request;
  private final List<Finding> findings = new ArrayList<>();

  private CheckRun(CheckRequest request) {
    this.request = request;
  }

  public static List<Finding> run(CheckRequest request) throws IOException, InterruptedException {
    CheckRun check = new CheckRun(request);
    check.server();
    check.adminConnection();
    check.secretFiles();
    check.scratch();
    check.state();
    check.schedules();
    return List.copyOf(check.findings);
  }

  private void add(Severity severity, Message subject, Message fact, String... mend) {
    findings.add(new Finding(severity, subject, fact, Optional.empty(), List.of(mend)));
  }

  private void add(
      Severity severity, Message subject, Message fact, Message hint, List<String> mend) {
    findings.add(new Finding(severity, subject, fact, Optional.of(hint), mend));
  }

  /// What only the server can tell, and the repository, which must be this server's.
  private void server() throws IOException, InterruptedException {
    ConnectionSettings connection;
    try {
      connection = request.connection().get();
    } catch (OperationFailed e) {
      findings.add(
          new Finding(Severity.ERROR, message("connection"), e.problem(), e.hint(), List.of()));
      repository(Optional.empty());
      return;
    }
    Optional<ClusterFacts> known = connection(connection);
    if (known.isPresent()) {
      ClusterFacts facts = known.get();
      Mending mending = mending(connection, known);
      role(facts, connection, mending);
      databases(facts, connection, mending);
      boolean byBaseBackup = physical(facts, connection, mending);
      serverSettings(facts, byBaseBackup, mending);
      tablespaces(facts);
      clock(facts);
      tools(facts, byBaseBackup);
      if (byBaseBackup) {
        replication(facts, connection, mending);
      }
      service(facts);
    }
    repository(known);
  }

  private Optional<ClusterFacts> connection(ConnectionSettings connection) throws IOException {
    Message subject = message("connection");
    try (PgSession session = PgSession.connect(connection)) {
      ClusterFacts facts = ClusterFacts.probe(session);
      add(
          Severity.OK,
          subject,
          message(
              "PostgreSQL {0} answers as {1}", facts.version().toString(), connection.toString()));
      if (facts.version().major() < ServerVersion.OLDEST_SUPPORTED_MAJOR) {
        add(
            Severity.ERROR,
            subject,
            message(
                "PostgreSQL {0} is older than {1}, the oldest that Prova knows",
                facts.version().toString(), ServerVersion.OLDEST_SUPPORTED_MAJOR));
      }
      return Optional.of(facts);
    } catch (OperationFailed e) {
      refused(subject, connection, Optional.empty(), e);
    } catch (SqlFailed e) {
      add(Severity.ERROR, subject, Problems.of(e));
    }
    return Optional.empty();
  }

  /// A connection that the server, or the lack of one, refused.
  private void refused(
      Message subject,
      ConnectionSettings connection,
      Optional<ClusterFacts> facts,
      OperationFailed e)
      throws IOException {
    String said = e.problem().toString();
    if (said.contains("pg_hba.conf")) {
      Mending mending = mending(connection, facts);
      findings.add(
          new Finding(
              Severity.ERROR,
              subject,
              e.problem(),
              Optional.of(allowHint(mending)),
              mending.allow(connection, "all", said)));
      return;
    }
    findings.add(new Finding(Severity.ERROR, subject, e.problem(), e.hint(), List.of()));
  }

  private Mending mending(ConnectionSettings connection, Optional<ClusterFacts> facts)
      throws IOException {
    Optional<ConnectionSettings> admin;
    try {
      admin = Optional.of(request.adminConnection().get());
    } catch (OperationFailed e) {
      admin = Optional.empty(); // a finding of its own says so
    }
    return Mending.of(connection, admin, facts, request.user());
  }

  private static Message allowHint(Mending mending) {
    return mending.serverIsHere()
        ? message("Let the role in, in pg_hba.conf:")
        : message(
            "On the server, at the top of its pg_hba.conf, with the address of this machine; then reload it (SELECT pg_reload_conf()):");
  }

  private void role(ClusterFacts facts, ConnectionSettings connection, Mending mending) {
    Message subject = message("rights of role {0}", facts.role().name());
    String role = PgSession.identifier(facts.role().name());
    int before = findings.size();
    if (!facts.role().readsAllData()) {
      add(
          Severity.ERROR,
          subject,
          message("it may not read every table, so dumps would fail"),
          mending.sql("GRANT pg_read_all_data TO " + role));
    }
    if (!facts.role().bypassesRls()) {
      add(
          Severity.WARNING,
          subject,
          message("it is subject to row-level security: a table that has it cannot be dumped"),
          mending.role("BYPASSRLS", connection));
    }
    if (request.physical().isPresent() && !facts.role().replication()) {
      add(
          Severity.ERROR,
          subject,
          message("it may not take physical backups (REPLICATION lacks)"),
          mending.role("REPLICATION", connection));
    }
    if (!facts.role().monitors()) {
      add(
          Severity.WARNING,
          subject,
          message("it may not see where data and configuration lie (pg_monitor lacks)"),
          mending.sql("GRANT pg_monitor TO " + role));
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

  /// Each database that is to be dumped must let us in, with its large objects: pg_read_all_data
  /// does not extend to them.
  private void databases(ClusterFacts facts, ConnectionSettings connection, Mending mending)
      throws IOException {
    for (ClusterFacts.Database database : facts.databases()) {
      if (database.isInitial()
          || !database.allowsConnections()
          || !request.dumped().test(database.name())) {
        continue;
      }
      Message subject = message("database {0}", database.name());
      ConnectionSettings there = connection.withDatabase(database.name());
      try (PgSession session = PgSession.connect(there)) {
        long unreadable = facts.role().superuser() ? 0 : unreadableLargeObjects(session);
        if (unreadable > 0) {
          add(
              Severity.ERROR,
              subject,
              message(
                  "{0} large {0|object|objects} may not be read, so a dump would fail", unreadable),
              // Grants would have to be given anew for every large object of tomorrow.
              mending.sql(
                  "ALTER ROLE "
                      + PgSession.identifier(facts.role().name())
                      + " SET lo_compat_privileges = on"));
        }
      } catch (OperationFailed e) {
        if (e.problem().toString().contains("permission denied for database")) {
          add(
              Severity.ERROR,
              subject,
              e.problem(),
              mending.sql(
                  "GRANT CONNECT ON DATABASE "
                      + PgSession.identifier(database.name())
                      + " TO "
                      + PgSession.identifier(facts.role().name())));
        } else {
          refused(subject, there, Optional.of(facts), e);
        }
      } catch (SqlFailed e) {
        add(Severity.UNKNOWN, subject, Problems.of(e));
      }
    }
  }

  private static long unreadableLargeObjects(PgSession session) {
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

  private void serverSettings(ClusterFacts facts, boolean byBaseBackup, Mending mending)
      throws IOException, InterruptedException {
    Message subject = message("server settings");
    int before = findings.size();
    if (!facts.dataChecksums()) {
      add(
          Severity.WARNING,
          subject,
          message(
              "data checksums are off: damage on the server's disk goes unnoticed into the backups"),
          message("The server must be stopped for it, for as long as reading all its data takes:"),
          enableChecksums(facts));
    }
    if (request.physical().isPresent()) {
      if (facts.setting("wal_level").filter("minimal"::equals).isPresent()) {
        needsRestart(
            subject,
            message("wal_level is minimal: physical backups need replica"),
            mending.sql("ALTER SYSTEM SET wal_level = replica"),
            facts);
      }
      int senders =
          facts.setting("max_wal_senders").map(Integer::parseInt).orElse(NEEDED_WAL_SENDERS);
      if (byBaseBackup && senders < NEEDED_WAL_SENDERS) {
        needsRestart(
            subject,
            message(
                "max_wal_senders is {0}: physical backups need {1}", senders, NEEDED_WAL_SENDERS),
            mending.sql("ALTER SYSTEM SET max_wal_senders = 10"),
            facts);
      }
    }
    if (facts.setting("fsync").filter("off"::equals).isPresent()) {
      add(
          Severity.WARNING,
          subject,
          message("fsync is off: a power cut destroys this cluster"),
          mending.sql("ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()"));
    }
    if (findings.size() == before) {
      add(
          Severity.OK,
          subject,
          message("checksums on, wal_level {0}", facts.setting("wal_level").orElse("-")));
    }
  }

  private void needsRestart(Message subject, Message fact, String mend, ClusterFacts facts)
      throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>(List.of(mend));
    Optional<ServiceControl> service = serviceHere(facts);
    if (service.isPresent()) {
      lines.add(typed(service.get().stopCommand(), facts));
      lines.add(typed(service.get().startCommand(), facts));
    }
    add(Severity.ERROR, subject, fact, message("It needs a restart of the server:"), lines);
  }

  private List<String> enableChecksums(ClusterFacts facts)
      throws IOException, InterruptedException {
    Optional<ServiceControl> service = serviceHere(facts);
    if (service.isEmpty()) {
      return List.of("pg_checksums --enable -D DATA_DIRECTORY");
    }
    Path directory = dataDirectory(facts).orElseThrow();
    List<String> enable = new ArrayList<>(owner(directory).commandPrefix(request.user()));
    enable.add(program("pg_checksums", facts).map(Path::toString).orElse("pg_checksums"));
    enable.addAll(List.of("--enable", "-D", directory.toString()));
    return List.of(
        typed(service.get().stopCommand(), facts),
        typed(enable, facts),
        typed(service.get().startCommand(), facts));
  }

  /// A command of the server's owner, as a person would write it.
  private String typed(List<String> command, ClusterFacts facts) throws IOException {
    OsUser owner = owner(dataDirectory(facts).orElseThrow());
    List<String> prefix = owner.commandPrefix(request.user());
    boolean asOwner = !prefix.isEmpty() && Collections.indexOfSubList(command, prefix) == 0;
    if (!asOwner) {
      return Mending.line(command);
    }
    List<String> words = new ArrayList<>(Mending.as(owner.name(), request.user()));
    words.addAll(command.subList(prefix.size(), command.size()));
    return Mending.line(words);
  }

  /// pg_basebackup would copy it twice, and the second copy would not be found by a restored
  /// server.
  private void tablespaces(ClusterFacts facts) {
    Optional<String> dataDirectory = facts.setting("data_directory");
    for (ClusterFacts.Tablespace tablespace : facts.tablespaces()) {
      if (dataDirectory.filter(each -> inside(tablespace.location(), each)).isPresent()) {
        add(
            Severity.WARNING,
            message("tablespace {0}", tablespace.name()),
            message(
                "it lies inside the data directory, in {0}: physical backups hold its files twice",
                tablespace.location()),
            message(
                "Create a tablespace outside of {0}, and move there what is in this one (ALTER TABLE … SET TABLESPACE); then drop it.",
                dataDirectory.get()),
            List.of());
      }
    }
  }

  private static boolean inside(String location, String directory) {
    return Path.of(location).normalize().startsWith(Path.of(directory).normalize());
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
          message("On both machines:"),
          List.of("timedatectl set-ntp true"));
    } else {
      add(Severity.OK, message("clocks"), message("this machine's and the server's agree"));
    }
  }

  /// Only trying shows whether pg_hba.conf lets a replication connection in.
  private void replication(ClusterFacts facts, ConnectionSettings connection, Mending mending)
      throws IOException, InterruptedException {
    if (!facts.role().replication()) {
      return;
    }
    Message subject = message("replication connection");
    Optional<String> refused;
    try {
      refused = ReplicationProbe.refusal(request, facts.version().major());
    } catch (OperationFailed e) {
      // The finding on the programs says what to install.
      add(Severity.UNKNOWN, subject, message("cannot be tried without psql"));
      return;
    }
    if (refused.isEmpty()) {
      add(Severity.OK, subject, message("accepted"));
      return;
    }
    Message fact = message("refused: {0}", refused.get());
    if (refused.get().contains("pg_hba.conf")) {
      add(
          Severity.ERROR,
          subject,
          fact,
          allowHint(mending),
          mending.allow(connection, "replication", refused.get()));
    } else {
      add(Severity.ERROR, subject, fact);
    }
  }

  /// Who makes the physical backups.
  ///
  /// @return whether it is pg_basebackup
  private boolean physical(ClusterFacts facts, ConnectionSettings connection, Mending mending)
      throws IOException {
    if (request.physical().isEmpty()) {
      return false;
    }
    if (request.physical().get() == PhysicalMethod.PG_BASEBACKUP) {
      return true;
    }
    Message subject = message("physical backups");
    Optional<LocalAccess.Hindrance> hindrance = LocalAccess.hindrance(connection, facts);
    if (hindrance.isEmpty()) {
      add(Severity.OK, subject, message("Prova reads the files itself"));
      return false;
    }
    LocalAccess.Hindrance found = hindrance.get();
    List<String> mend =
        found.grants().isEmpty()
            ? List.of()
            : List.of(mending.sqlIn(connection.database(), found.grants().toArray(String[]::new)));
    if (request.physical().get() == PhysicalMethod.LOCAL) {
      add(Severity.ERROR, subject, found.problem(), found.hint(), mend);
      return false;
    }
    if (found.here()) {
      add(
          Severity.WARNING,
          subject,
          message("pg_basebackup makes them, more slowly than Prova itself: {0}", found.problem()),
          found.hint(),
          mend);
    } else {
      add(Severity.OK, subject, message("pg_basebackup makes them: {0}", found.problem()));
    }
    return true;
  }

  private void tools(ClusterFacts facts, boolean byBaseBackup)
      throws IOException, InterruptedException {
    List<String> needed = new ArrayList<>(List.of("pg_dump", "pg_dumpall", "psql", "pg_restore"));
    if (byBaseBackup) {
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
        add(
            Severity.ERROR,
            subject,
            e.problem(),
            message(
                "Where apt does not know them, add PostgreSQL's own packages first: apt-get install postgresql-common && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh"),
            // pg_verifybackup is in the server's package.
            List.of(
                "apt-get install postgresql-client-" + major,
                "apt-get install postgresql-" + major));
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
    if (program("postgres", facts).isEmpty() || program("pg_amcheck", facts).isEmpty()) {
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

  /// One of PostgreSQL's programs, of the server's major.
  private Optional<Path> program(String name, ClusterFacts facts)
      throws IOException, InterruptedException {
    return request.tools().all(name).stream()
        .filter(each -> each.version().major() == facts.version().major())
        .map(ClientTools.Tool::program)
        .findFirst();
  }

  private static Optional<Path> dataDirectory(ClusterFacts facts) {
    return facts.setting("data_directory").map(Path::of).filter(Files::isDirectory);
  }

  private OsUser owner(Path directory) throws IOException {
    String name = Files.readAttributes(directory, PosixFileAttributes.class).owner().getName();
    return OsUser.find(name).orElse(request.user());
  }

  /// How the server is stopped and started; empty when it is not on this machine.
  private Optional<ServiceControl> serviceHere(ClusterFacts facts)
      throws IOException, InterruptedException {
    Optional<Path> directory = dataDirectory(facts);
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        ServiceControl.of(
            request.service(),
            directory.get(),
            facts.setting("config_file").map(Path::of),
            owner(directory.get()),
            Optional.of(program("pg_ctl", facts).orElse(Path.of("pg_ctl"))),
            SERVICE_LIMIT,
            request.redactor()));
  }

  private void service(ClusterFacts facts) throws IOException, InterruptedException {
    Message subject = message("in-place restore");
    Optional<ServiceControl> service = serviceHere(facts);
    if (service.isEmpty()) {
      add(
          Severity.WARNING,
          subject,
          message(
              "the data directory is not on this machine (or not to be seen): restores go to a directory or into databases"));
      return;
    }
    Path directory = dataDirectory(facts).orElseThrow();
    OsUser owner = owner(directory);
    Optional<String> lacking = lackingProgram(service.get());
    if (lacking.isPresent()) {
      add(
          Severity.ERROR,
          subject,
          message("the service cannot be stopped or started: {0} is not there", lacking.get()),
          message("See `service` in docs/configuration.md."),
          List.of());
    } else if (!request.user().isRoot() && request.user().uid() != owner.uid()) {
      add(
          Severity.WARNING,
          subject,
          message(
              "{0} may not replace {1}; run restores in place as root or as {2}",
              request.user().name(), directory, owner.name()));
    } else if (service.get().choice() instanceof ServiceChoice.Systemd(var unit)
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
          message("the service is stopped by: {0}", typed(service.get().stopCommand(), facts)));
    }
  }

  private static Optional<String> lackingProgram(ServiceControl service) {
    if (service.choice() instanceof ServiceChoice.Systemd && !ServiceControl.systemdRuns()) {
      return Optional.of("systemd");
    }
    return List.of(service.stopCommand().getFirst(), service.startCommand().getFirst()).stream()
        .filter(program -> program.startsWith("/") && !Files.isExecutable(Path.of(program)))
        .findFirst();
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
              message(
                  "Name a superuser who can log in as `admin_connection` in prova.yaml: its `user`, and a `password_file` or a socket that lets it in."),
              List.of());
        }
      }
    } catch (OperationFailed e) {
      findings.add(new Finding(Severity.WARNING, subject, e.problem(), e.hint(), List.of()));
    } catch (SqlFailed e) {
      add(Severity.UNKNOWN, subject, Problems.of(e));
    }
  }

  private void repository(Optional<ClusterFacts> facts) throws IOException {
    Message subject = message("repository {0}", request.repository());
    Repository repository;
    try {
      repository = Repository.open(request.repository());
    } catch (OperationFailed e) {
      // Not `init` at once: on the mount point of a disk that is not mounted it would begin a new
      // repository.
      findings.add(
          new Finding(
              Severity.ERROR,
              subject,
              e.problem(),
              e.hint(),
              List.of(request.provaCommand() + " init")));
      return;
    } catch (AccessDeniedException e) {
      add(
          Severity.ERROR,
          subject,
          message("{0} may not look into it", request.user().name()),
          message("Run Prova as the user who owns it, or give it to this one:"),
          List.of("chown -R " + request.user().name() + " " + request.repository()));
      return;
    }
    Path root = repository.root();
    int before = findings.size();
    String owner = Files.getOwner(root).getName();
    if (request.user().isRoot() && !owner.equals(request.user().name())) {
      add(
          Severity.WARNING,
          subject,
          message("it belongs to {0}, and what root writes there {0} cannot read", owner),
          message("Let {0} take the backups:", owner),
          List.of("runuser -u " + owner + " -- " + request.provaCommand() + " check"));
    }
    if (openToOthers(root)) {
      add(
          Severity.ERROR,
          subject,
          message("others may look into it: backups hold everything the databases hold"),
          "chmod 700 " + Mending.line(List.of(root.toString())));
    }
    if (facts.isPresent() && !repository.accepts(facts.get().systemIdentifier())) {
      add(
          Severity.ERROR,
          subject,
          message(
              "it is for the cluster {0}, the server is {1}",
              repository.marker().systemIdentifier().toString(),
              facts.get().systemIdentifier().toString()),
          message(
              "Is this the right server and the right repository? Only if the cluster was rebuilt or upgraded on purpose:"),
          List.of(request.provaCommand() + " init --adopt"));
    }
    Listing listing = repository.catalog().list();
    listing.doubts().forEach(doubt -> add(Severity.ERROR, subject, doubt));
    if (Files.getFileStore(root).isReadOnly()) {
      add(
          Severity.ERROR,
          subject,
          message("its file system is mounted read-only"),
          message("A disk that fails is often mounted so: look at dmesg first."),
          List.of("mount -o remount,rw " + Mending.line(List.of(mountPoint(root).toString()))));
      return;
    }
    if (!Files.isWritable(root)) {
      add(
          Severity.ERROR,
          subject,
          message("{0} may not write to it", request.user().name()),
          "chown -R " + request.user().name() + " " + Mending.line(List.of(root.toString())));
      return;
    }
    space(repository, listing, facts);
    if (findings.stream().skip(before).noneMatch(each -> each.severity() == Severity.ERROR)) {
      add(
          Severity.OK,
          subject,
          message("reachable and ours, {0} {0|backup|backups}", listing.entries().size()));
    }
  }

  /// The highest directory above that lies in the same file system.
  private static Path mountPoint(Path path) throws IOException {
    Path at = path.toRealPath();
    while (at.getParent() != null
        && Files.getFileStore(at.getParent()).equals(Files.getFileStore(at))) {
      at = at.getParent();
    }
    return at;
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
          message("These say what could go, and what else is there:"),
          List.of(
              request.provaCommand() + " expire --dry-run",
              "df -h " + Mending.line(List.of(repository.root().toString()))));
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
        add(
            Severity.ERROR,
            subject,
            message("{0} does not exist", file),
            message(
                "Put it there with mode 0600; it holds the password, or the key, and nothing else."),
            List.of());
      } else if (openToOthers(file)) {
        add(
            Severity.ERROR,
            subject,
            message("{0} holds a secret, and others may read it", file),
            "chmod 600 " + Mending.line(List.of(file.toString())));
      }
    }
    if (findings.size() == before) {
      add(Severity.OK, subject, message("no file with a secret is open to others"));
    }
  }

  private void scratch() throws IOException {
    Path directory = request.scratchDirectory();
    Message subject = message("drill directory {0}", directory);
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      add(
          Severity.ERROR,
          subject,
          message("{0} may not write to it, so no drill can be done", request.user().name()),
          "install -d -m 1777 " + Mending.line(List.of(directory.toString())));
    } else {
      add(
          Severity.OK,
          subject,
          message("{0} free", new ByteCount(Files.getFileStore(directory).getUsableSpace())));
    }
    try {
      OsUser user = request.scratchUser().find();
      add(
          Severity.OK,
          message("scratch servers"),
          message("run by operating-system user {0}", user.name()));
    } catch (IOException e) {
      add(
          Severity.ERROR,
          message("scratch servers"),
          Problems.of(e),
          message("PostgreSQL refuses root, so a user is needed who owns nothing else:"),
          List.of(
              "useradd --system --home-dir /nonexistent "
                  + Mending.line(List.of(request.scratchUserName()))));
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
          "install -d -m 700 -o "
              + request.user().name()
              + " "
              + Mending.line(List.of(request.stateDirectory().toString())));
    }
  }

  private void schedules() {
    Message subject = message("schedule");
    if (request.schedules().isEmpty()) {
      add(
          Severity.WARNING,
          subject,
          message("nothing is scheduled; backups run by hand only"),
          message("Give `logical` and `physical` a `schedule` in prova.yaml, such as daily 02:00."),
          List.of());
    }
    request.schedules().forEach(schedule -> add(Severity.OK, subject, schedule));
    if (!request.alertsConfigured()) {
      add(
          Severity.WARNING,
          message("alerts"),
          message("nobody is told when a backup fails"),
          message(
              "Say in prova.yaml who is to be told: `alerts`, as in packaging/prova.yaml; then try it with {0} check --send-test-alert",
              request.provaCommand()),
          List.of());
    }
  }
}
