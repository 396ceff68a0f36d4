package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.app.Operations;
import io.prova.app.Operations.DatabaseRestore;
import io.prova.app.Operations.DirectoryRestore;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Label;
import io.prova.catalog.Listing.Entry;
import io.prova.postgres.fingerprint.FingerprintComparison.Outcome;
import io.prova.restore.InPlaceRestorePlan;
import io.prova.restore.InPlaceRestoreRun;
import io.prova.restore.LogicalRestorePlan;
import io.prova.restore.LogicalRestoreRun;
import io.prova.restore.PhysicalRestorePlan;
import io.prova.restore.PhysicalRestoreRun;
import io.prova.restore.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova restore`.
@Command(
    name = "restore",
    description =
        "Restore one backup: a database from a dump, or the cluster from a physical backup.",
    footer = {
      "",
      "Nothing is overwritten: a replaced database is kept under another name, a replaced data directory is moved aside. Without LABEL the newest backup of the kind that fits is taken.",
      "",
      "  prova restore --database shop --into shop_yesterday 2026-11-22_02-00",
      "  prova restore --database shop --replace",
      "  prova restore --to /srv/copy 2026-11-22_03-00",
      "  prova restore --in-place"
    })
final class RestoreCommand extends Subcommand {

  @Parameters(
      arity = "0..1",
      paramLabel = "LABEL",
      description = "The backup; the newest one that fits unless given.")
  private @Nullable String label;

  @Option(
      names = "--database",
      paramLabel = "NAME",
      description = "The database to restore from a logical backup.")
  private @Nullable String database;

  @Option(
      names = "--into",
      paramLabel = "NAME",
      description = "The name to restore it under; it must be free.")
  private @Nullable String into;

  @Option(
      names = "--replace",
      description = "Replace the database of that name; the old one is kept as NAME_before_LABEL.")
  private boolean replace;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Parallel workers, for dumps in custom or directory format.")
  private int jobs = 1;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Restore a physical backup into this empty directory.")
  private @Nullable Path to;

  @Option(
      names = "--tablespace-mapping",
      paramLabel = "OLD=NEW",
      description = "With --to: where a tablespace goes (may be repeated).")
  private Map<String, Path> tablespaces = new LinkedHashMap<>();

  @Option(
      names = "--owner",
      paramLabel = "USER",
      description = "With --to, as root: who will own the files.")
  private @Nullable String owner;

  @Option(
      names = "--adopt",
      description =
          "With --to: leave the copy able to act as the server (archive, replicate, listen).")
  private boolean adopt;

  @Option(
      names = "--in-place",
      description =
          "Put a physical backup where the cluster was: stop, move aside, copy, start, check.")
  private boolean inPlace;

  @Option(
      names = "--no-validate",
      description = "Do not compare the restored data with its fingerprint.")
  private boolean noValidate;

  @Option(names = "--yes", description = "Do not ask before live data is replaced.")
  private boolean yes;

  @Option(names = "--dry-run", description = "Show what would be done, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    int ways = (database != null ? 1 : 0) + (to != null ? 1 : 0) + (inPlace ? 1 : 0);
    if (ways != 1) {
      throw new OperationFailed(
          Failure.USAGE,
          message("say what to restore: --database NAME, --to DIR or --in-place"),
          message("prova restore --help has examples; prova recover chooses by itself."));
    }
    if (database != null) {
      return restoreDatabase(session, database);
    }
    return to != null ? restoreDirectory(session, to) : restoreInPlace(session);
  }

  private Label label(Session session, BackupKind kind) throws IOException {
    if (label != null) {
      return session.label(label);
    }
    return session
        .cluster()
        .repository()
        .catalog()
        .list()
        .newest(kind)
        .map(Entry::label)
        .orElseThrow(() ->
            new OperationFailed(
                Failure.NOT_FOUND,
                message("there is no {0} backup", kind.word()),
                message("prova list shows the backups.")));
  }

  private int restoreDatabase(Session session, String name)
      throws IOException, InterruptedException {
    if (into == null && !replace) {
      throw new OperationFailed(
          Failure.USAGE,
          message("say where to: --into NAME for a new database, or --replace"),
          message("With --replace the old database is kept under another name."));
    }
    Operations operations = session.operations();
    Output output = session.output();
    DatabaseRestore request =
        new DatabaseRestore(
            label(session, BackupKind.LOGICAL),
            name,
            into == null ? name : into,
            replace,
            jobs,
            !noValidate);
    if (dryRun) {
      show(output, operations.planRestore(request, output));
      return 0;
    }
    if (replace) {
      session.confirm(
          yes,
          message(
              "database {0} will be replaced from backup {1}",
              request.into(), request.label().toString()));
    }
    LogicalRestoreRun.Result result = operations.restore(request, output);
    output.line(
        message(
            "database {0} is restored from {1}", result.database(), request.label().toString()));
    result
        .keptAs()
        .ifPresent(kept ->
            output.line(message("the old one is kept as {0}; drop it when you are sure", kept)));
    showValidation(output, result.validation());
    output.json("prova.restore.v1", result);
    return 0;
  }

  private static void show(Output output, LogicalRestorePlan plan) {
    output.line(
        message(
            "load database {0} of {1} ({2})",
            plan.database().name(), plan.backup().label().toString(), plan.database().bytes()));
    if (!plan.missingRoles().isEmpty()) {
      output.line(message("create the missing roles: {0}", plan.missingRoles()));
    }
    plan.keptAs()
        .ifPresentOrElse(
            kept ->
                output.line(
                    message(
                        "give it the name {0}; the old one is kept as {1}", plan.target(), kept)),
            () -> output.line(message("give it the name {0}", plan.target())));
    output.json(
        "prova.restore.plan.v1",
        Map.of("label", plan.backup().label(), "target", plan.target(), "kept_as", plan.keptAs()));
  }

  private int restoreDirectory(Session session, Path directory)
      throws IOException, InterruptedException {
    Operations operations = session.operations();
    Output output = session.output();
    DirectoryRestore request =
        new DirectoryRestore(
            label(session, BackupKind.PHYSICAL),
            session.surroundings().workingDirectory().resolve(directory),
            tablespaces,
            Optional.ofNullable(owner),
            adopt,
            !noValidate);
    if (dryRun) {
      PhysicalRestorePlan plan = operations.planRestore(request, output);
      output.line(
          message(
              "copy {0} ({1}) to {2}, owned by {3}",
              plan.backup().label().toString(),
              plan.backup().stored(),
              plan.target(),
              plan.owner().name()));
      output.line(
          plan.adopt()
              ? message("leave it able to act as the server")
              : message("make it inert: no archiving, no replication, no network"));
      output.json(
          "prova.restore.plan.v1",
          Map.of("label", plan.backup().label(), "target", plan.target().toString()));
      return 0;
    }
    PhysicalRestoreRun.Result result = operations.restore(request, output);
    output.line(
        message(
            "the cluster of {0} is restored to {1}",
            request.label().toString(), result.dataDirectory()));
    showValidation(output, result.validation());
    output.line(
        message("start it with: pg_ctl -D {0} -o \"-k /tmp\" start", result.dataDirectory()));
    output.json("prova.restore.v1", result);
    return 0;
  }

  private int restoreInPlace(Session session) throws IOException, InterruptedException {
    Operations operations = session.operations();
    Output output = session.output();
    Label chosen = label(session, BackupKind.PHYSICAL);
    if (dryRun) {
      show(output, operations.planInPlace(chosen, !noValidate, output));
      return 0;
    }
    session.confirm(
        yes,
        message(
            "the cluster will be replaced by backup {0}: the service stops, the old directory is moved aside",
            chosen.toString()));
    InPlaceRestoreRun.Result result = operations.restoreInPlace(chosen, !noValidate, output);
    output.line(message("the cluster is restored in place from {0} and runs", chosen.toString()));
    result.configRestored().forEach(path -> output.line(message("put back: {0}", path)));
    result
        .keptAs()
        .forEach((from, kept) ->
            output.line(
                message("the old {0} is kept as {1}; remove it when you are sure", from, kept)));
    showValidation(output, result.validation());
    output.json("prova.restore.v1", result);
    return 0;
  }

  private static void show(Output output, InPlaceRestorePlan plan) {
    output.line(
        message(
            "copy {0} ({1}) beside {2}",
            plan.backup().label().toString(), plan.backup().stored(), plan.dataDirectory()));
    if (plan.running()) {
      output.line(message("stop the service: {0}", String.join(" ", plan.service().stopCommand())));
    }
    if (plan.existing()) {
      output.line(message("move the old directory aside, never delete it"));
    }
    plan.missingConfig().forEach(file -> output.line(message("put back {0}", file.path())));
    output.line(message("start the service: {0}", String.join(" ", plan.service().startCommand())));
    if (plan.newTimeline()) {
      output.line(message("begin a new timeline, because the server archives WAL"));
    }
    output.line(message("read the log, compare the data; on failure move the old directory back"));
    output.json(
        "prova.restore.plan.v1",
        Map.of(
            "label",
            plan.backup().label(),
            "data_directory",
            plan.dataDirectory().toString(),
            "running",
            plan.running()));
  }

  static void showValidation(Output output, Validation validation) {
    if (validation.comparisons().isEmpty()) {
      output.line(message("its data was not compared with anything"));
      return;
    }
    output.line(
        message(
            "compared: {0} {0|table|tables} equal in content, {1} counted only, {2} not compared",
            validation.tables(Outcome.EQUAL),
            validation.tables(Outcome.COUNTED),
            validation.tables(Outcome.NOT_COMPARED)));
  }
}
