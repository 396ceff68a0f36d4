package io.prova.app;

import static io.prova.base.Message.message;

import io.prova.alert.Alerts;
import io.prova.alert.Audience;
import io.prova.alert.Incident;
import io.prova.alert.Severity;
import io.prova.app.Operation.Watch;
import io.prova.backup.BackupContext;
import io.prova.backup.logical.LogicalBackupRun;
import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.logical.LogicalPlan;
import io.prova.backup.logical.LogicalPlanner;
import io.prova.backup.physical.PhysicalBackupRun;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.backup.physical.PhysicalPlan;
import io.prova.backup.physical.PhysicalPlanner;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.StoredText;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Label;
import io.prova.catalog.Listing;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.ProofRecord;
import io.prova.catalog.Repository;
import io.prova.catalog.TrashNote;
import io.prova.config.ClusterSettings.Job;
import io.prova.drill.DrillContext;
import io.prova.drill.DrillOptions;
import io.prova.drill.DrillRun;
import io.prova.drill.Evidence;
import io.prova.drill.EvidenceFiles;
import io.prova.drill.Verdict;
import io.prova.journal.JournalEntry;
import io.prova.postgres.OsUser;
import io.prova.postgres.SystemIdentifier;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.restore.BackupSource;
import io.prova.restore.InPlaceRestorePlan;
import io.prova.restore.InPlaceRestorePlanner;
import io.prova.restore.InPlaceRestoreRun;
import io.prova.restore.Ladder;
import io.prova.restore.LogicalRestorePlan;
import io.prova.restore.LogicalRestorePlanner;
import io.prova.restore.LogicalRestoreRun;
import io.prova.restore.PhysicalRestorePlan;
import io.prova.restore.PhysicalRestorePlanner;
import io.prova.restore.PhysicalRestoreRun;
import io.prova.restore.RecoverRun;
import io.prova.restore.RestoreContext;
import io.prova.retention.ExpireRun;
import io.prova.retention.RetentionPlan;
import io.prova.storage.FileLock;
import io.prova.verify.KeyCheck;
import io.prova.verify.VerifyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/// Everything that can be done to one cluster, by whoever asks: the command line or the daemon.
/// Each method is one operation with its record.
public final class Operations {

  private final Wiring wiring;
  private final Cluster cluster;

  Operations(Wiring wiring, Cluster cluster) {
    this.wiring = wiring;
    this.cluster = cluster;
  }

  /// @param backup made, verified and old ones expired
  /// @param expired empty when expiry was held or not possible now
  public record BackupDone(Backup backup, Optional<RetentionPlan> expired) {}

  /// How a backup differs from the configuration, by the command line.
  public record BackupChoice(
      Optional<LogicalOptions> logical, Optional<PhysicalOptions> physical, boolean fingerprint) {
    public static final BackupChoice AS_CONFIGURED =
        new BackupChoice(Optional.empty(), Optional.empty(), true);
  }

  public BackupDone backup(BackupKind kind, BackupChoice choice, Consumer<Event> listener)
      throws IOException, InterruptedException {
    return Operation.run(
        wiring,
        cluster,
        "backup",
        Map.of("kind", job(kind)),
        Optional.of(backupWatch(kind)),
        listener,
        operation -> backup(kind, choice, operation));
  }

  private static String job(BackupKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private BackupDone backup(BackupKind kind, BackupChoice choice, Operation operation)
      throws IOException, InterruptedException {
    Repository repository = cluster.repository();
    BackupContext context = backupContext(repository, operation);
    Optional<FingerprintBudget> fingerprint =
        choice.fingerprint ? cluster.settings().fingerprint() : Optional.empty();
    Backup backup =
        switch (kind) {
          case LOGICAL ->
              LogicalBackupRun.run(
                  context,
                  LogicalPlanner.plan(
                      context, choice.logical.orElse(cluster.settings().logical()), fingerprint));
          case PHYSICAL ->
              PhysicalBackupRun.run(
                  context,
                  PhysicalPlanner.plan(
                      context, choice.physical.orElse(cluster.settings().physical()), fingerprint));
        };
    operation.note("label", backup.label());
    operation.note("backup_id", backup.id());
    operation.note("bytes", backup.stored());
    operation.note("files", backup.files());
    prove(repository, backup, operation);
    tellOfAnomalies(backup, operation);
    return new BackupDone(backup, expireAfter(repository, operation));
  }

  private BackupContext backupContext(Repository repository, Operation operation)
      throws IOException {
    return new BackupContext(
        cluster.name(),
        operation.id(),
        cluster.connection(),
        repository,
        cluster.tools(),
        wiring.redactor(),
        wiring.surroundings().clock(),
        wiring.settings().zone(),
        wiring.surroundings().version(),
        operation.anchor(),
        operation);
  }

  /// What pg_basebackup wrote was read back before it was published (pg_verifybackup and our
  /// digests); a dump or a pack is read back now.
  private void prove(Repository repository, Backup backup, Operation operation)
      throws IOException, InterruptedException {
    if (backup.physical().filter(physical -> physical.packed().isEmpty()).isPresent()) {
      repository
          .catalog()
          .addProof(
              new ProofRecord(
                  CheckedJson.FORMAT,
                  backup.label(),
                  backup.id(),
                  now(),
                  operation.id(),
                  "pg_verifybackup",
                  Optional.of(ProofLevel.VERIFIED),
                  List.of(),
                  Optional.empty()));
      return;
    }
    VerifyRun.Result result =
        VerifyRun.run(
            repository,
            backup,
            false,
            BackupKeys.NONE, // stored bytes tell without: this host may have no key
            operation.id(),
            wiring.surroundings().clock(),
            operation);
    if (!result.isWhole()) {
      throw new OperationFailed(
          Failure.DAMAGED,
          message(
              "backup {0} reads back other than it was written: {1}",
              backup.label().toString(),
              result.findings().stream().limit(5).map(each -> each.damage().message()).toList()),
          message(
              "It is kept as evidence and not counted. Look at the disk's health (dmesg), then take another backup."));
    }
  }

  private void tellOfAnomalies(Backup backup, Operation operation) throws InterruptedException {
    Watch watch =
        new Watch(
            cluster.name() + "/suspicious/" + job(backup.kind()),
            Audience.TEAM,
            Severity.ERROR,
            message("the backup looks wrong, so nothing older is removed"),
            message("the backup looks right again"),
            List.of(
                "prova show " + backup.label(), "prova accept " + backup.label() + " --why '...'"));
    if (backup.anomalies().isEmpty()) {
      operation.resolve(watch);
    } else {
      operation.note("anomalies", backup.anomalies());
      operation.endInDoubt();
      operation.alert(watch, message("{0}", StoredText.all(backup.anomalies())));
    }
  }

  /// Retention after a successful backup only. A failure of it is no failure of the backup.
  private Optional<RetentionPlan> expireAfter(Repository repository, Operation operation) {
    try {
      ExpireRun.Result result = ExpireRun.run(expireRequest(repository, operation.id()), operation);
      operation.note("expired", result.trashed());
      if (!result.plan().holds().isEmpty()) {
        operation.accept(
            new Event.Warned(message("nothing older was removed: {0}", result.plan().holds())));
      }
      return Optional.of(result.plan());
    } catch (IOException | OperationFailed e) {
      operation.accept(
          new Event.Warned(
              message("nothing older was removed: {0}", String.valueOf(e.getMessage()))));
      return Optional.empty();
    }
  }

  public LogicalPlan planLogical(BackupChoice choice, Consumer<Event> listener)
      throws IOException, InterruptedException {
    BackupContext context = dryContext(listener);
    return LogicalPlanner.plan(
        context,
        choice.logical.orElse(cluster.settings().logical()),
        cluster.settings().fingerprint());
  }

  public PhysicalPlan planPhysical(BackupChoice choice, Consumer<Event> listener)
      throws IOException, InterruptedException {
    BackupContext context = dryContext(listener);
    return PhysicalPlanner.plan(
        context,
        choice.physical.orElse(cluster.settings().physical()),
        cluster.settings().fingerprint());
  }

  private BackupContext dryContext(Consumer<Event> listener) throws IOException {
    return new BackupContext(
        cluster.name(),
        "dry-run",
        cluster.connection(),
        cluster.repository(),
        cluster.tools(),
        wiring.redactor(),
        wiring.surroundings().clock(),
        wiring.settings().zone(),
        wiring.surroundings().version(),
        Optional.empty(),
        listener);
  }

  private Watch backupWatch(BackupKind kind) {
    boolean logical = kind == BackupKind.LOGICAL;
    return new Watch(
        cluster.name() + "/backup/" + job(kind),
        Audience.TEAM,
        Severity.ERROR,
        logical ? message("logical backup failed") : message("physical backup failed"),
        logical ? message("logical backup succeeded") : message("physical backup succeeded"),
        List.of("prova check", logical ? "prova backup --logical" : "prova backup --physical"));
  }

  /// @param deep put packed backups together, too
  public VerifyRun.Result verify(Listing.Entry entry, boolean deep, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Backup backup = entry.backup();
    return Operation.run(
        wiring,
        cluster,
        "verify",
        Map.of("label", backup.label()),
        Optional.empty(),
        listener,
        operation -> {
          Repository repository = cluster.repository();
          try (FileLock reading = repository.lockForReading()) {
            VerifyRun.Result result =
                VerifyRun.run(
                    repository,
                    backup,
                    deep,
                    cluster.keys(),
                    operation.id(),
                    wiring.surroundings().clock(),
                    operation);
            operation.note("damaged", result.findings().size());
            Watch watch =
                new Watch(
                    cluster.name() + "/damaged/" + backup.label(),
                    Audience.TEAM,
                    Severity.CRITICAL,
                    message("backup {0} is damaged", backup.label().toString()),
                    message("backup {0} is whole", backup.label().toString()),
                    List.of("prova verify " + backup.label(), "prova backup"));
            if (result.isWhole()) {
              operation.resolve(watch);
            } else {
              operation.alert(watch, result.findings().getFirst().damage().message());
            }
            return result;
          }
        });
  }

  /// Proves that a key opens a backup, by reading what only that key opens.
  ///
  /// @param file the key's; empty for the configured one
  public KeyCheck.Result checkKey(Label label, Optional<Path> file) throws IOException {
    Repository repository = cluster.repository();
    BackupKeys keys = file.isPresent() ? new BackupKeys(file) : cluster.keys();
    try (FileLock reading = repository.lockForReading()) {
      return KeyCheck.run(repository, repository.catalog().require(label).backup(), keys);
    }
  }

  private Watch restoreWatch(String what) {
    return new Watch(
        cluster.name() + "/" + what,
        Audience.ADMINISTRATORS,
        Severity.CRITICAL,
        message("recovery failed"),
        message("recovery succeeded"),
        List.of("prova list", "prova recover --dry-run"));
  }

  private RestoreContext restoreContext(
      Repository repository, String operation, Consumer<Event> events) throws IOException {
    return new RestoreContext(
        operation,
        repository,
        cluster.keys(),
        cluster.tools(),
        wiring.redactor(),
        wiring.surroundings().clock(),
        cluster.settings().drill().timeLimit(),
        events);
  }

  /// What to restore, and where to.
  public record DatabaseRestore(
      Label label, String database, String into, boolean replace, int jobs, boolean validate) {}

  public LogicalRestorePlan planRestore(DatabaseRestore request, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Repository repository = cluster.repository();
    RestoreContext context = restoreContext(repository, RestoreContext.DRY_RUN, listener);
    BackupSource source =
        BackupSource.verified(context, repository.catalog().require(request.label).backup());
    return LogicalRestorePlanner.plan(
        context, logicalRequest(source, request), cluster.adminConnection());
  }

  private static LogicalRestorePlanner.Request logicalRequest(
      BackupSource source, DatabaseRestore request) {
    return new LogicalRestorePlanner.Request(
        source, request.database, request.into, request.replace, request.jobs, request.validate);
  }

  public LogicalRestoreRun.Result restore(DatabaseRestore request, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("label", request.label);
    asked.put("database", request.database);
    asked.put("into", request.into);
    asked.put("replace", request.replace);
    return restoring(
        asked,
        "restore",
        listener,
        (operation, repository) -> {
          RestoreContext context = restoreContext(repository, operation.id(), operation);
          BackupSource source =
              BackupSource.verified(context, repository.catalog().require(request.label).backup());
          LogicalRestorePlan plan =
              LogicalRestorePlanner.plan(
                  context, logicalRequest(source, request), cluster.adminConnection());
          LogicalRestoreRun.Result result = LogicalRestoreRun.run(context, source, plan);
          result.keptAs().ifPresent(name -> operation.note("kept_as", name));
          return result;
        });
  }

  @FunctionalInterface
  private interface Restoring<T> {
    T run(Operation operation, Repository repository) throws IOException, InterruptedException;
  }

  private <T> T restoring(
      Map<String, Object> asked, String command, Consumer<Event> listener, Restoring<T> body)
      throws IOException, InterruptedException {
    return Operation.run(
        wiring,
        cluster,
        command,
        asked,
        Optional.of(restoreWatch(command)),
        listener,
        operation -> {
          Repository repository = cluster.repository();
          // Nothing is removed, and no backup of a half-restored cluster is taken meanwhile.
          String holder =
              command + ", operation " + operation.id() + ", pid " + ProcessHandle.current().pid();
          try (FileLock writing = repository.lockForWriting(holder);
              FileLock reading = repository.lockForReading()) {
            return body.run(operation, repository);
          }
        });
  }

  /// @param mapping original tablespace location to new directory
  public record DirectoryRestore(
      Label label,
      Path target,
      Map<String, Path> mapping,
      Optional<String> owner,
      boolean adopt,
      boolean validate) {}

  public PhysicalRestorePlan planRestore(DirectoryRestore request, Consumer<Event> listener)
      throws IOException {
    Repository repository = cluster.repository();
    return PhysicalRestorePlanner.plan(
        restoreContext(repository, RestoreContext.DRY_RUN, listener),
        directoryRequest(repository, request));
  }

  private PhysicalRestorePlanner.Request directoryRequest(
      Repository repository, DirectoryRestore request) throws IOException {
    Optional<OsUser> owner = Optional.empty();
    if (request.owner.isPresent()) {
      owner =
          Optional.of(
              OsUser.find(request.owner.get())
                  .orElseThrow(() ->
                      new OperationFailed(
                          Failure.USAGE,
                          message("there is no operating-system user {0}", request.owner.get()))));
    }
    return new PhysicalRestorePlanner.Request(
        repository.catalog().require(request.label).backup(),
        request.target,
        request.mapping,
        owner,
        request.adopt,
        request.validate,
        cluster.scratchDirectory());
  }

  public PhysicalRestoreRun.Result restore(DirectoryRestore request, Consumer<Event> listener)
      throws IOException, InterruptedException {
    return restoring(
        Map.of("label", request.label, "to", request.target.toString()),
        "restore",
        listener,
        (operation, repository) -> {
          RestoreContext context = restoreContext(repository, operation.id(), operation);
          PhysicalRestorePlan plan =
              PhysicalRestorePlanner.plan(context, directoryRequest(repository, request));
          BackupSource source = BackupSource.verified(context, plan.backup());
          return PhysicalRestoreRun.run(context, source, plan);
        });
  }

  public InPlaceRestorePlan planInPlace(Label label, boolean validate, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Repository repository = cluster.repository();
    Backup backup = requireKind(repository, label, BackupKind.PHYSICAL);
    return InPlaceRestorePlanner.plan(
        restoreContext(repository, RestoreContext.DRY_RUN, listener),
        backup,
        cluster.settings().service(),
        cluster.adminConnection(),
        validate);
  }

  private static Backup requireKind(Repository repository, Label label, BackupKind kind)
      throws IOException {
    Backup backup = repository.catalog().require(label).backup();
    if (backup.kind() != kind) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message(
              "{0} is not a physical backup, so it cannot take the cluster's place",
              label.toString()),
          message(
              "prova list shows the kinds; prova recover chooses by itself, and can rebuild a cluster from dumps."));
    }
    return backup;
  }

  public InPlaceRestoreRun.Result restoreInPlace(
      Label label, boolean validate, Consumer<Event> listener)
      throws IOException, InterruptedException {
    return restoring(
        Map.of("label", label, "in_place", true),
        "restore",
        listener,
        (operation, repository) -> {
          RestoreContext context = restoreContext(repository, operation.id(), operation);
          Backup backup = requireKind(repository, label, BackupKind.PHYSICAL);
          InPlaceRestorePlan plan =
              InPlaceRestorePlanner.plan(
                  context,
                  backup,
                  cluster.settings().service(),
                  cluster.adminConnection(),
                  validate);
          BackupSource source = BackupSource.verified(context, backup);
          InPlaceRestoreRun.Result result = InPlaceRestoreRun.run(context, source, plan);
          operation.note("kept", result.keptAs().values().stream().map(Path::toString).toList());
          return result;
        });
  }

  /// @param database empty for the whole cluster
  public Ladder ladder(Optional<String> database) throws IOException {
    Repository repository = cluster.repository();
    Listing listing = repository.catalog().list();
    ExpectedTimes times = ExpectedTimes.from(repository, listing);
    return database.isPresent()
        ? Ladder.forDatabase(listing, database.get(), now(), times)
        : Ladder.forCluster(listing, now(), times);
  }

  public RecoverRun.Result recover(Optional<String> database, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Map<String, Object> asked =
        database.<Map<String, Object>>map(name -> Map.of("database", name)).orElse(Map.of());
    return restoring(
        asked,
        "recover",
        listener,
        (operation, repository) -> {
          RecoverRun.Request request =
              new RecoverRun.Request(
                  ladder(database),
                  cluster.settings().service(),
                  cluster.adminConnection(),
                  cluster.connection(),
                  cluster.scratchDirectory(),
                  cluster.scratchUser());
          RecoverRun.Result result =
              RecoverRun.run(
                  restoreContext(repository, operation.id(), operation),
                  request,
                  (rung, why) ->
                      operation.alert(
                          rungWatch(), message("{0}: {1}", rung.entry().label().toString(), why)));
          operation.note("label", result.rung().entry().label());
          operation.note("way", result.rung().way().name().toLowerCase(Locale.ROOT));
          operation.note("lost_seconds", result.rung().lost().toSeconds());
          operation.note("failed_before", result.failed());
          operation.resolve(rungWatch());
          return result;
        });
  }

  private Watch rungWatch() {
    return new Watch(
        cluster.name() + "/restore-point",
        Audience.ADMINISTRATORS,
        Severity.CRITICAL,
        message("a restore point failed; the alternative is tried"),
        message("recovery succeeded from another restore point"),
        List.of("prova status", "prova journal"));
  }

  public Evidence drill(
      Listing.Entry entry, Optional<DrillOptions> options, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Backup backup = entry.backup();
    return Operation.run(
        wiring,
        cluster,
        "drill",
        Map.of("label", backup.label()),
        Optional.empty(),
        listener,
        operation -> drill(backup, options.orElse(cluster.settings().drill()), operation));
  }

  private Evidence drill(Backup backup, DrillOptions options, Operation operation)
      throws IOException, InterruptedException {
    try {
      Evidence evidence = test(backup, options, operation);
      boolean good = evidence.verdict() == Verdict.PROVEN || evidence.verdict() == Verdict.STARTED;
      operation.ping("drill", good);
      if (good) {
        operation.resolve(drillWatch(backup, evidence.verdict()));
      } else {
        operation.alert(drillWatch(backup, evidence.verdict()), message("{0}", evidence.reasons()));
      }
      return evidence;
    } catch (IOException | RuntimeException e) {
      // Before there is a verdict: no repository, no user for the server, no room for the evidence.
      if (!Thread.currentThread().isInterrupted() && Trouble.of(e).failure() != Failure.BUSY) {
        operation.ping("drill", false);
        operation.alert(drillWatch(backup, Verdict.NOT_TESTED), Trouble.of(e).problem());
      }
      throw e;
    }
  }

  private Evidence test(Backup backup, DrillOptions options, Operation operation)
      throws IOException, InterruptedException {
    Repository repository = cluster.repository();
    try (FileLock reading = repository.lockForReading()) {
      DrillContext context =
          new DrillContext(
              restoreContext(repository, operation.id(), operation),
              options,
              cluster.scratchUser(),
              wiring.surroundings().user().name(),
              wiring.surroundings().host(),
              wiring.surroundings().version());
      Evidence evidence = DrillRun.run(context, backup);
      EvidenceFiles.Stored stored =
          EvidenceFiles.store(repository, evidence, wiring.settings().zone());
      operation.note("verdict", evidence.verdict());
      operation.note("evidence", repository.root().relativize(stored.json()).toString());
      operation.note("restore_seconds", evidence.restoreTime().toMillis() / 1000.0);
      operation.note("data_age_seconds", evidence.dataAge().toSeconds());
      return evidence;
    }
  }

  private Watch drillWatch(Backup backup, Verdict verdict) {
    return new Watch(
        cluster.name() + "/drill/" + job(backup.kind()),
        Audience.ADMINISTRATORS,
        Severity.CRITICAL,
        verdict == Verdict.NOT_TESTED
            ? message("the restore test of {0} could not be carried out", backup.label().toString())
            : message("the restore test of {0} failed", backup.label().toString()),
        message("the restore test of {0} succeeded", backup.label().toString()),
        List.of("prova show " + backup.label(), "prova drill " + backup.label()));
  }

  /// Journals and tells that a job began and never ended, because the machine or the daemon did.
  ///
  /// @param began when it did
  public void tellCutOff(Job job, Instant began) throws InterruptedException {
    Alerts alerts = wiring.journaledAlerts(cluster);
    try {
      wiring
          .journal(cluster)
          .append(
              new JournalEntry(
                  UUID.randomUUID().toString().substring(0, 8),
                  JournalEntry.NOTE,
                  job == Job.DRILL ? "drill" : "backup",
                  Optional.of(cluster.name()),
                  Map.of("result", "cut off", "job", job, "began", began)));
    } catch (IOException | OperationFailed e) {
      // The alert tells it, and an operation that cannot be journaled has an alert of its own.
    }
    alerts.raise(
        new Incident(
            cutOffKey(job),
            cluster.name(),
            Severity.ERROR,
            job == Job.DRILL ? Audience.ADMINISTRATORS : Audience.TEAM,
            switch (job) {
              case LOGICAL -> message("a logical backup was cut off");
              case PHYSICAL -> message("a physical backup was cut off");
              case DRILL -> message("a restore test was cut off");
            },
            began,
            Optional.empty(),
            Optional.of(
                message(
                    "it began at {0}, and then this machine or Prova ended without a word",
                    began.atZone(wiring.settings().zone()))),
            Optional.of(
                message(
                    "Nothing half-made is listed, and it is tried again by itself. If it happens again, look for a lack of memory or of power (dmesg, journalctl).")),
            List.of("prova journal", "prova status"),
            List.of()),
        now());
    alerts.deliverDue(now());
  }

  /// Tells that a job which was cut off has been done since; nothing if it was not cut off.
  public void resolveCutOff(Job job) throws InterruptedException {
    if (wiring.hasAlertsToDeliver()) {
      Alerts alerts = wiring.journaledAlerts(cluster);
      alerts.resolve(
          cutOffKey(job),
          switch (job) {
            case LOGICAL -> message("logical backup succeeded");
            case PHYSICAL -> message("physical backup succeeded");
            case DRILL -> message("restore test succeeded");
          },
          now());
      alerts.deliverDue(now());
    }
  }

  private String cutOffKey(Job job) {
    return cluster.name() + "/cut-off/" + job.name().toLowerCase(Locale.ROOT);
  }

  private ExpireRun.Request expireRequest(Repository repository, String operation) {
    return new ExpireRun.Request(
        repository,
        cluster.settings().retention(),
        serverClockAhead(),
        wiring.settings().zone(),
        wiring.surroundings().clock(),
        operation);
  }

  /// The server's clock is the second witness of the time; without one nothing is removed.
  private Optional<Duration> serverClockAhead() {
    try (PgSession session = PgSession.connect(cluster.connection())) {
      Instant server =
          session.one(
              "SELECT pg_catalog.clock_timestamp()",
              row -> row.getObject(1, OffsetDateTime.class).toInstant());
      return Optional.of(Duration.between(now(), server));
    } catch (OperationFailed | SqlFailed e) {
      return Optional.empty();
    }
  }

  public RetentionPlan planExpire() throws IOException {
    return ExpireRun.plan(expireRequest(cluster.repository(), "dry-run"));
  }

  public ExpireRun.Result expire(Consumer<Event> listener)
      throws IOException, InterruptedException {
    // What makes room on a full disk needs some itself, the journal's record first of all.
    onReserve(Repository::releaseReserve);
    try {
      return Operation.run(
          wiring,
          cluster,
          "expire",
          Map.of(),
          Optional.empty(),
          listener,
          operation -> {
            ExpireRun.Result result =
                ExpireRun.run(expireRequest(cluster.repository(), operation.id()), operation);
            operation.note("trashed", result.trashed());
            operation.note("purged", result.purged());
            return result;
          });
    } finally {
      onReserve(Repository::keepReserve);
    }
  }

  @FunctionalInterface
  private interface ReserveChange {
    void make(Repository repository) throws IOException;
  }

  private void onReserve(ReserveChange change) {
    try {
      change.make(cluster.repository());
    } catch (IOException | OperationFailed e) {
      // without a repository there is no reserve; the operation itself says what is wrong with it
    }
  }

  /// Lets the repository go on with another cluster, for good.
  public void adopt(SystemIdentifier system, String why, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Operation.run(
        wiring,
        cluster,
        "init",
        Map.of("adopt", system, "why", why),
        Optional.empty(),
        listener,
        operation -> {
          cluster.repository().adopt(system, now(), user(), why);
          return system;
        });
  }

  public void pin(Label label, String why, Consumer<Event> listener)
      throws IOException, InterruptedException {
    changing(
        "pin",
        label,
        why,
        listener,
        (repository, backup) -> repository.catalog().pin(backup, now(), user(), why));
  }

  public void unpin(Label label, Consumer<Event> listener)
      throws IOException, InterruptedException {
    changing(
        "unpin",
        label,
        "",
        listener,
        (repository, backup) -> {
          if (!repository.catalog().unpin(backup)) {
            throw notPinned(label);
          }
        });
  }

  public static OperationFailed notPinned(Label label) {
    return new OperationFailed(Failure.USAGE, message("{0} is not pinned", label.toString()));
  }

  public void accept(Label label, String why, Consumer<Event> listener)
      throws IOException, InterruptedException {
    changing(
        "accept",
        label,
        why,
        listener,
        (repository, backup) -> repository.catalog().accept(backup, now(), user(), why));
  }

  @FunctionalInterface
  private interface Change {
    void make(Repository repository, Backup backup) throws IOException;
  }

  private void changing(
      String command, Label label, String why, Consumer<Event> listener, Change change)
      throws IOException, InterruptedException {
    Operation.run(
        wiring,
        cluster,
        command,
        Map.of("label", label, "why", why),
        Optional.empty(),
        listener,
        operation -> {
          Repository repository = cluster.repository();
          // Otherwise an expiry that has decided already would take away what is pinned just now.
          try (FileLock reading = repository.lockForReading()) {
            change.make(repository, repository.catalog().require(label).backup());
          }
          return label;
        });
  }

  public void undelete(Label label, Consumer<Event> listener)
      throws IOException, InterruptedException {
    Operation.run(
        wiring,
        cluster,
        "undelete",
        Map.of("label", label),
        Optional.empty(),
        listener,
        operation -> {
          Repository repository = cluster.repository();
          try (FileLock writing =
              repository.lockForWriting("undelete, operation " + operation.id())) {
            repository.trash().bringBack(requireTrashed(repository, label));
            return label;
          }
        });
  }

  /// @throws OperationFailed (NOT_FOUND)
  public static TrashNote requireTrashed(Repository repository, Label label) throws IOException {
    return repository.trash().contents().notes().stream()
        .filter(each -> each.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new OperationFailed(
                Failure.NOT_FOUND,
                message("{0} is not in the trash", label.toString()),
                message("prova list --trash shows what is.")));
  }

  private Instant now() {
    return wiring.surroundings().clock().instant();
  }

  private String user() {
    return wiring.surroundings().user().name();
  }
}
