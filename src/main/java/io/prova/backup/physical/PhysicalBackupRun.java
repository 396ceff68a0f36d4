package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.backup.BackupContext;
import io.prova.backup.FreeSpace;
import io.prova.backup.NewBackup;
import io.prova.backup.physical.PhysicalPlan.BaseBackup;
import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.TaskGroup;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.StoredTablespace;
import io.prova.catalog.BackupKind;
import io.prova.catalog.DirectoryTree;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.Lsn;
import io.prova.postgres.ToolRun;
import io.prova.storage.DurableFiles;
import io.prova.storage.fs.LocalObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes a physical backup with pg_basebackup: the plain directory that one can copy back by hand.
public final class PhysicalBackupRun {

  public static final String METHOD = "pg_basebackup";

  private static final String DATA = "data";
  private static final String TABLESPACES = "tablespaces";

  private static final Pattern START_POINT =
      Pattern.compile("write-ahead log start point: ([0-9A-F]+/[0-9A-F]+) on timeline (\\d+)");
  private static final String SYNCING = "syncing data to disk";
  private static final Pattern PROGRESS = Pattern.compile("^\\s*(\\d+)/(\\d+) kB \\(");

  private final BackupContext context;
  private final PhysicalPlan plan;
  private final BaseBackup tools;
  private final NewBackup target;

  private PhysicalBackupRun(BackupContext context, PhysicalPlan plan, NewBackup target) {
    this.context = context;
    this.plan = plan;
    this.tools = plan.baseBackup().orElseThrow();
    this.target = target;
  }

  /// @return the backup, which exists when this returns
  /// @throws OperationFailed if any part failed; then there is no backup, and what was there before
  ///   is untouched
  public static Backup run(BackupContext context, PhysicalPlan plan)
      throws IOException, InterruptedException {
    try (NewBackup target = NewBackup.begin(context, BackupKind.PHYSICAL)) {
      if (plan.baseBackup().isEmpty()) {
        return new LocalBackupRun(context, plan, target, new LocalObjectStore(target.directory()))
            .run();
      }
      plan.baseBackup()
          .flatMap(BaseBackup::insteadOfLocal)
          .ifPresent(why ->
              context
                  .events()
                  .accept(new Event.Noted(message("pg_basebackup makes this backup: {0}", why))));
      return new PhysicalBackupRun(context, plan, target).run();
    } catch (IOException | OperationFailed e) {
      throw FreeSpace.explained(context.repository().root(), plan.previous(), plan.facts(), e);
    }
  }

  private Backup run() throws IOException, InterruptedException {
    plan.warnings().forEach(target::warn);
    target.copyConfigFiles(plan.facts(), Optional.empty());
    try (ClusterFingerprint fingerprint = ClusterFingerprint.prepare(context, plan, target::warn);
        EarlyDigests early = new EarlyDigests(target.directory())) {
      Copied copied = copyCluster(fingerprint, early);
      makePrivate();
      Instant consistentAt = context.clock().instant();
      List<StoredTablespace> tablespaces = linkTablespaces();
      PostgresManifest manifest = PostgresManifest.read(data());
      // PostgreSQL's own check of everything but the bytes runs beside our reading of the bytes,
      // which compares each
      // file's digest with the one that the server computed: so every byte is read and hashed once.
      try (TaskGroup group = TaskGroup.ofWaiters()) {
        Future<?> verification = group.submit(this::verifyWithPostgres);
        ClusterFingerprint.Stored fingerprints =
            fingerprint.store(
                target.directory(), data(), copied.timeline, manifest.stopLsn(), Optional.empty());
        Backup.Physical physical =
            new Backup.Physical(
                METHOD,
                copied.timeline,
                copied.start,
                manifest.stopLsn(),
                plan.facts().walSegmentBytes(),
                plan.facts().dataChecksums(),
                tablespaces,
                fingerprints.files(),
                fingerprints.rows(),
                Optional.empty());
        // pg_basebackup notices damage only where pages have checksums.
        fingerprints.corrupt().forEach(target::suspect);
        plan.shrinkage(physical, copied.bytes).forEach(target::suspect);
        return target.publish(
            new NewBackup.Content(
                plan.facts(),
                Map.of("pg_basebackup", tools.pgBasebackup().version()),
                consistentAt,
                Optional.empty(),
                Optional.of(physical)),
            early,
            manifest::compare,
            () -> {
              manifest.requireAllSeen();
              TaskGroup.join(verification);
            });
      }
    }
  }

  private Path data() {
    return target.directory().resolve(DATA);
  }

  /// What pg_basebackup said.
  private record Copied(int timeline, Lsn start, ByteCount bytes) {}

  private Copied copyCluster(ClusterFingerprint fingerprint, EarlyDigests early)
      throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("copy the cluster")));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--pgdata=" + data(),
                "--format=plain",
                "--wal-method=stream",
                "--checkpoint=" + (plan.options().fastCheckpoint() ? "fast" : "spread"),
                "--manifest-checksums=SHA256",
                "--label=prova " + context.operation(),
                "--no-password",
                "--progress",
                "--verbose"));
    plan.options()
        .maxRate()
        .ifPresent(rate -> arguments.add("--max-rate=" + Math.max(32, rate.bytes() / 1024)));
    for (ClusterFacts.Tablespace tablespace : outerTablespaces()) {
      Path place = target.directory().resolve(TABLESPACES).resolve(Long.toString(tablespace.oid()));
      DurableFiles.createParents(place);
      arguments.add(
          "--tablespace-mapping=" + escape(tablespace.location()) + "=" + escape(place.toString()));
    }
    Said said = new Said(fingerprint, early);
    ToolRun.Outcome outcome =
        new ToolRun(context.redactor(), tools.pgBasebackup().program(), arguments)
            .environment(context.connection().environment())
            .onErrorLine(said::line)
            .run(plan.options().timeLimit());
    judge(tools.pgBasebackup(), outcome, CopyTrouble.hint(outcome.complaint()));
    if (said.start == null) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message("pg_basebackup reported success without having named its WAL start point"));
    }
    return new Copied(said.timeline, said.start, new ByteCount(said.bytes));
  }

  private static String escape(String path) {
    return path.replace("=", "\\=");
  }

  /// Those created inside the data directory (allow_in_place_tablespaces) are copied with it.
  private List<ClusterFacts.Tablespace> outerTablespaces() {
    return plan.facts().tablespaces().stream()
        .filter(each -> each.location().startsWith("/"))
        .toList();
  }

  /// Reads along what pg_basebackup tells on its error output.
  private final class Said {

    private final ClusterFingerprint fingerprint;
    private final EarlyDigests early;
    private volatile @Nullable Lsn start;
    private volatile int timeline;
    private volatile long bytes;

    Said(ClusterFingerprint fingerprint, EarlyDigests early) {
      this.fingerprint = fingerprint;
      this.early = early;
    }

    void line(String line) {
      Matcher progress = PROGRESS.matcher(line);
      if (progress.find()) {
        long done = Long.parseLong(progress.group(1)) * 1024;
        context
            .events()
            .accept(
                new Event.Progress(
                    new ByteCount(done),
                    OptionalLong.of(Long.parseLong(progress.group(2)) * 1024)));
        bytes = done;
        return;
      }
      Matcher startPoint = START_POINT.matcher(line);
      if (startPoint.find()) {
        // The checkpoint is done: whatever a snapshot sees from now on and nobody changes until the
        // end is in the
        // backup as the snapshot sees it.
        fingerprint.begin();
        start = Lsn.parse(startPoint.group(1));
        timeline = Integer.parseInt(startPoint.group(2));
      }
      if (line.contains(SYNCING)) {
        early.begin();
      }
      context.events().accept(new Event.ToolSaid("pg_basebackup", line));
    }
  }

  /// pg_basebackup gives the copy the modes of the data directory, whose group may be allowed to
  /// read (`initdb --allow-group-access`); a backup is its owner's alone.
  private void makePrivate() throws IOException, InterruptedException {
    if (Files.getPosixFilePermissions(data()).equals(DurableFiles.OWNER_DIRECTORY)) {
      return;
    }
    for (Path top : List.of(data(), target.directory().resolve(TABLESPACES))) {
      if (!Files.isDirectory(top)) {
        continue;
      }
      Files.setPosixFilePermissions(top, DurableFiles.OWNER_DIRECTORY);
      DirectoryTree.walk(
          top,
          entry -> {
            switch (entry.type()) {
              case DIRECTORY ->
                  Files.setPosixFilePermissions(
                      top.resolve(entry.path()), DurableFiles.OWNER_DIRECTORY);
              case FILE ->
                  Files.setPosixFilePermissions(top.resolve(entry.path()), DurableFiles.OWNER_FILE);
              case LINK, OTHER -> {} // a link has no mode of its own
            }
          });
    }
  }

  /// pg_basebackup links the tablespaces by absolute paths in the directory that was hidden until
  /// now. Relative links stay right when it is renamed or copied, and never lead to the live
  /// server's files.
  private List<StoredTablespace> linkTablespaces() throws IOException {
    List<StoredTablespace> stored = new ArrayList<>();
    for (ClusterFacts.Tablespace tablespace : outerTablespaces()) {
      String place = TABLESPACES + "/" + tablespace.oid();
      Path link = data().resolve("pg_tblspc").resolve(Long.toString(tablespace.oid()));
      Files.delete(link);
      Files.createSymbolicLink(
          link, Path.of("..", "..", TABLESPACES, Long.toString(tablespace.oid())));
      DurableFiles.syncParent(link);
      stored.add(
          new StoredTablespace(tablespace.oid(), tablespace.name(), tablespace.location(), place));
    }
    return stored;
  }

  private Void verifyWithPostgres() throws IOException, InterruptedException {
    ToolRun.Outcome outcome =
        new ToolRun(
                context.redactor(),
                tools.pgVerifybackup().program(),
                List.of("--quiet", "--skip-checksums", data().toString()))
            .environment(
                Map.of("PATH", tools.pgVerifybackup().program().getParent() + ":/usr/bin:/bin"))
            .onErrorLine(
                line -> context.events().accept(new Event.ToolSaid("pg_verifybackup", line)))
            .run(plan.options().timeLimit());
    judge(
        tools.pgVerifybackup(),
        outcome,
        message(
            "What was stored is not what the server sent. Look at the disk's health (dmesg), then take another backup."));
    return null;
  }

  private static void judge(Tool tool, ToolRun.Outcome outcome, Message hint) {
    String name = tool.program().getFileName().toString();
    if (outcome.timedOut()) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message("{0} was ended after {1}, its time limit", name, outcome.took()),
          message(
              "If it needs so long, raise `time_limit`; if it hung, its last words were: {0}",
              outcome.complaint()));
    }
    if (!outcome.succeeded()) {
      throw new OperationFailed(
          outcome.lackedSpace() ? Failure.SPACE : Failure.BACKUP_FAILED,
          message("{0} failed (exit code {1}): {2}", name, outcome.exitCode(), outcome.complaint()),
          hint);
    }
  }
}
