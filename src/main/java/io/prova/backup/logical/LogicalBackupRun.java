package io.prova.backup.logical;

import static io.prova.base.Message.message;

import io.prova.backup.Anomalies;
import io.prova.backup.BackupContext;
import io.prova.backup.FreeSpace;
import io.prova.backup.NewBackup;
import io.prova.backup.StoredName;
import io.prova.base.Digest;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Compression;
import io.prova.catalog.DumpFormat;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.DatabaseScript;
import io.prova.postgres.ToolRun;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.StoredFingerprint;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Makes a logical backup.
public final class LogicalBackupRun {

  private static final String GLOBALS = "globals.sql";
  private static final String DUMP_END = "-- PostgreSQL database dump complete";
  private static final String GLOBALS_END = "-- PostgreSQL database cluster dump complete";
  private static final int BUFFER_BYTES = 256 * 1024;

  private final BackupContext context;
  private final LogicalPlan plan;
  private final NewBackup target;

  /// Digests that were computed while writing, by path.
  private final Map<String, Digest> digests = new HashMap<>();

  private LogicalBackupRun(BackupContext context, LogicalPlan plan, NewBackup target) {
    this.context = context;
    this.plan = plan;
    this.target = target;
  }

  /// @return the backup, which exists when this returns
  /// @throws OperationFailed if any part failed; then there is no backup, and what was there before
  ///   is untouched
  public static Backup run(BackupContext context, LogicalPlan plan)
      throws IOException, InterruptedException {
    try (NewBackup target = NewBackup.begin(context, BackupKind.LOGICAL)) {
      return new LogicalBackupRun(context, plan, target).run();
    } catch (IOException | OperationFailed e) {
      throw FreeSpace.explained(context.repository().root(), plan.previous(), plan.facts(), e);
    }
  }

  private Backup run() throws IOException, InterruptedException {
    plan.warnings().forEach(target::warn);
    target.copyConfigFiles(plan.facts(), Optional.empty());
    // Roles first: they are small, and without them no dump can be restored as it was.
    dumpGlobals();
    Instant consistentAt = context.clock().instant();
    List<DumpedDatabase> dumped = new ArrayList<>();
    for (ClusterFacts.Database database : plan.databases()) {
      dumpDatabase(database).ifPresent(dumped::add);
    }
    if (dumped.isEmpty()) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED, message("every chosen database disappeared meanwhile"));
    }
    dumped.forEach(this::compareWithPrevious);
    Backup.Logical logical =
        new Backup.Logical(
            plan.options().format(),
            plan.options().compression().method(),
            GLOBALS + plan.options().compression().method().suffix(),
            plan.facts().role().superuser(),
            dumped);
    return target.publish(
        new NewBackup.Content(
            plan.facts(),
            Map.of("pg_dump", plan.pgDump().version()),
            consistentAt,
            Optional.of(logical),
            Optional.empty()),
        path -> Optional.ofNullable(digests.get(path)),
        (path, digest) -> {},
        () -> {});
  }

  private void dumpGlobals() throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("roles and tablespaces")));
    List<String> arguments = new ArrayList<>(List.of("--globals-only", "--no-password"));
    if (!plan.facts().role().superuser()) {
      arguments.add("--no-role-passwords");
    }
    String name = GLOBALS + plan.options().compression().method().suffix();
    ToolRun run = tool(plan.pgDumpall(), arguments, context.connection());
    try (DumpFile file =
        new DumpFile(target.directory().resolve(name), plan.options().compression())) {
      ToolRun.Outcome outcome =
          run.run(plan.options().timeLimit(), out -> copy(out, file, () -> {}));
      judge("pg_dumpall", message("roles and tablespaces"), outcome);
      requireMarker("pg_dumpall", file, GLOBALS_END);
      digests.put(name, file.finish().digest());
    }
  }

  private Optional<DumpedDatabase> dumpDatabase(ClusterFacts.Database database)
      throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("database {0}", database.name())));
    ConnectionSettings connection = context.connection().withDatabase(database.name());
    long started = System.nanoTime();
    // The snapshot is older than everything that is read in it, and both pg_dump and the
    // fingerprint read in it: so
    // the fingerprint tells exactly what the dump holds.
    try (SharedSnapshot snapshot = SharedSnapshot.open(connection, context.clock())) {
      String createScript = StoredName.of(database.name()) + ".create.sql";
      String script =
          DatabaseScript.of(snapshot.session(), database.name(), plan.facts().version());
      DurableFiles.putIfAbsent(
          target.directory().resolve(createScript), script.getBytes(StandardCharsets.UTF_8));

      warnOfHiddenOptions(snapshot.session(), database.name());
      plan.fingerprint().ifPresent(snapshot::fingerprintWhenReleased);
      DumpFile.Result result = dump(database, connection, snapshot);
      Optional<Fingerprint> fingerprint = snapshot.fingerprint(target::warn);
      Optional<String> stored = Optional.empty();
      if (fingerprint.isPresent()) {
        stored = Optional.of(StoredName.of(database.name()) + ".fingerprint.json");
        DurableFiles.putIfAbsent(
            target.directory().resolve(stored.get()),
            CheckedJson.write(StoredFingerprint.of(fingerprint.get())));
        context
            .events()
            .accept(
                new Event.Noted(
                    message(
                        "fingerprint of {0}: {1} tables, {2} rows, {3} s",
                        database.name(),
                        fingerprint.get().tables().size(),
                        fingerprint.get().rows(),
                        Double.toString(fingerprint.get().seconds()))));
      }
      return Optional.of(
          new DumpedDatabase(
              database.name(),
              dumpName(database.name()),
              createScript,
              stored,
              result.bytes(),
              result.stored(),
              fingerprint.map(each -> (long) each.tables().size()),
              fingerprint.map(Fingerprint::rows),
              (System.nanoTime() - started) / 1e9));
    } catch (OperationFailed e) {
      if (e.failure() == Failure.CONNECTION && !exists(database.name())) {
        target.warn(message("database {0} was dropped meanwhile", database.name()));
        return Optional.empty();
      }
      throw e;
    }
  }

  /// PostgreSQL shows the options of user mappings (the passwords of foreign servers) only to
  /// superusers and to whom they concern; pg_dump leaves out what it does not see, and says
  /// nothing.
  private void warnOfHiddenOptions(PgSession session, String database) {
    if (plan.facts().role().superuser()) {
      return;
    }
    long hidden =
        session.number("SELECT count(*) FROM pg_catalog.pg_user_mappings WHERE umoptions IS NULL");
    if (hidden > 0) {
      target.warn(
          message(
              "database {0}: role {1} does not see the options of {2} user {2|mapping|mappings}, so they are not in this backup",
              database, plan.facts().role().name(), hidden));
    }
  }

  private boolean exists(String database) {
    try (PgSession session = PgSession.connect(context.connection())) {
      return session.yes(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = ?)", database);
    }
  }

  private String dumpName(String database) {
    String base = StoredName.of(database);
    return switch (plan.options().format()) {
      case PLAIN -> base + ".sql" + plan.options().compression().method().suffix();
      case CUSTOM -> base + ".dump";
      case DIRECTORY -> base + ".dir";
    };
  }

  private DumpFile.Result dump(
      ClusterFacts.Database database, ConnectionSettings connection, SharedSnapshot snapshot)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--no-password",
                "--snapshot=" + snapshot.id(),
                "--lock-wait-timeout=" + plan.options().lockWait().toMillis()));
    return switch (plan.options().format()) {
      case PLAIN, CUSTOM -> dumpStream(database, connection, snapshot, arguments);
      case DIRECTORY -> dumpDirectory(database, connection, snapshot, arguments);
    };
  }

  private DumpFile.Result dumpStream(
      ClusterFacts.Database database,
      ConnectionSettings connection,
      SharedSnapshot snapshot,
      List<String> arguments)
      throws IOException, InterruptedException {
    boolean plain = plan.options().format() == DumpFormat.PLAIN;
    arguments.add(plain ? "--format=plain" : "--format=custom");
    String name = dumpName(database.name());
    ToolRun run = tool(plan.pgDump(), arguments, connection);
    Compression compression = plain ? plan.options().compression() : Compression.NONE;
    try (DumpFile file = new DumpFile(target.directory().resolve(name), compression)) {
      ToolRun.Outcome outcome =
          run.run(plan.options().timeLimit(), out -> copy(out, file, snapshot::release));
      judge("pg_dump", message("database {0}", database.name()), outcome);
      if (plain) {
        requireMarker("pg_dump", file, DUMP_END);
      } else if (file.bytes() == 0) {
        throw new OperationFailed(
            Failure.BACKUP_FAILED, message("pg_dump of {0} wrote nothing", database.name()));
      }
      DumpFile.Result result = file.finish();
      digests.put(name, result.digest());
      return result;
    }
  }

  private DumpFile.Result dumpDirectory(
      ClusterFacts.Database database,
      ConnectionSettings connection,
      SharedSnapshot snapshot,
      List<String> arguments)
      throws IOException, InterruptedException {
    Path directory = target.directory().resolve(dumpName(database.name()));
    arguments.addAll(List.of("--format=directory", "--jobs=" + plan.jobs(), "--file=" + directory));
    if (plan.options().compression().level() > 0) {
      arguments.add("--compress=" + plan.options().compression().level());
    }
    snapshot.releaseWhenWritten(directory);
    ToolRun.Outcome outcome =
        tool(plan.pgDump(), arguments, connection).run(plan.options().timeLimit());
    judge("pg_dump", message("database {0}", database.name()), outcome);
    DurableFiles.syncTree(directory);
    return DumpDirectory.measure(directory);
  }

  private ToolRun tool(Tool tool, List<String> arguments, ConnectionSettings connection) {
    String name = tool.program().getFileName().toString();
    return new ToolRun(context.redactor(), tool.program(), arguments)
        .environment(connection.environment())
        .onErrorLine(line -> toolSaid(name, line));
  }

  private void toolSaid(String tool, String line) {
    context.events().accept(new Event.ToolSaid(tool, line));
    if (line.contains(" warning: ")) {
      target.warn(message("{0}", line)); // of what it left out, say
    }
  }

  /// @param onFirstBytes called once pg_dump has written anything: by then it holds all its locks
  private void copy(InputStream from, DumpFile to, Runnable onFirstBytes) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    OptionalLong total = OptionalLong.empty();
    boolean first = true;
    for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
      if (first) {
        onFirstBytes.run();
        first = false;
      }
      to.write(buffer, count);
      target.progress(count, total);
    }
  }

  private static void judge(String tool, Message what, ToolRun.Outcome outcome) {
    if (outcome.timedOut()) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message("{0} of {1} was ended after {2}, its time limit", tool, what, outcome.took()),
          message(
              "If it needs so long, raise `time_limit`; if it hung, its last words were: {0}",
              outcome.complaint()));
    }
    if (!outcome.succeeded()) {
      throw new OperationFailed(
          outcome.lackedSpace() ? Failure.SPACE : Failure.BACKUP_FAILED,
          message(
              "{0} of {1} failed (exit code {2}): {3}",
              tool, what, outcome.exitCode(), outcome.complaint()),
          DumpTrouble.hint(outcome.complaint()));
    }
  }

  /// An exit code of 0 is not enough: the text must reach to its end.
  private static void requireMarker(String tool, DumpFile file, String marker) {
    if (!file.endsWithMarker(marker)) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "{0} reported success, but its output ({1} bytes) lacks the end marker \"{2}\"",
              tool, file.bytes(), marker),
          message("The dump is incomplete and was not kept. Is {0} the real program?", tool));
    }
  }

  private void compareWithPrevious(DumpedDatabase now) {
    Optional<DumpedDatabase> before =
        plan.previous().flatMap(entry -> entry.backup().database(now.name()));
    if (before.isEmpty()) {
      return;
    }
    Anomalies.shrinkage(
            message("database {0}", now.name()),
            before.get().rows(),
            now.rows(),
            before.get().bytes(),
            now.bytes())
        .forEach(target::suspect);
  }
}
