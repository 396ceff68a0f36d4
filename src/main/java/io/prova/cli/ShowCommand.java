package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.StoredText;
import io.prova.catalog.Backup;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.Repository;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.retention.RetentionPlan.Decision;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova show`.
@Command(
    name = "show",
    description = "Show one backup: what is in it, down to tables and rows, without restoring it.")
final class ShowCommand extends Subcommand {

  @Parameters(paramLabel = "LABEL", description = "The backup.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String label;

  @Option(names = "--tables", description = "List the tables with their rows.")
  private boolean tables;

  @Option(
      names = "--database",
      paramLabel = "NAME",
      description = "Only the tables of this database.")
  private @Nullable String database;

  @Override
  int run(Session session) throws IOException {
    Repository repository = session.cluster().repository();
    Entry entry = repository.catalog().require(session.label(label));
    Backup backup = entry.backup();
    Decision decision =
        Retention.preview(session, session.cluster()).decisions().stream()
            .filter(each -> each.entry().label().equals(backup.label()))
            .findFirst()
            .orElseThrow();
    Map<String, Fingerprint> fingerprints = fingerprints(session, repository, backup);
    Output output = session.output();
    output.text(
        output.bold(
            message("{0} backup {1}", backup.kind().word(), backup.label().toString())
                .in(output.language())));
    fact(output, message("data of"), moment(session, backup.consistentAt()));
    fact(
        output,
        message("taken"),
        message(
            "{0} to {1}", moment(session, backup.started()), moment(session, backup.finished())));
    fact(
        output,
        message("size"),
        message("{0}, {1} {1|file|files}", backup.stored(), backup.files()));
    fact(
        output,
        message("server"),
        message(
            "PostgreSQL {0}, {1}",
            backup.server().version().toString(), backup.server().endpoint()));
    fact(output, message("where"), message("{0}", repository.directory(backup)));
    output.text("  " + padded(message("proof").in(output.language())) + Views.proof(entry, output));
    entry
        .proof()
        .testedAt()
        .ifPresent(tested -> fact(output, message("tested"), moment(session, tested)));
    entry
        .proof()
        .latest()
        .ifPresent(record ->
            record
                .findings()
                .forEach(finding ->
                    fact(output, message("found"), message("{0}", new StoredText(finding)))));
    entry
        .proof()
        .lastDrill()
        .flatMap(record -> record.evidence())
        .ifPresent(file ->
            fact(output, message("evidence"), message("{0}", repository.root().resolve(file))));
    fact(output, message("kept"), ListCommand.kept(session, decision));
    decision.reasons().forEach(reason -> fact(output, message("because"), reason));
    backup
        .anomalies()
        .forEach(anomaly ->
            fact(output, message("looks wrong"), message("{0}", new StoredText(anomaly))));
    backup
        .warnings()
        .forEach(
            warning -> fact(output, message("warning"), message("{0}", new StoredText(warning))));
    backup
        .physical()
        .ifPresent(physical -> {
          fact(
              output,
              message("WAL"),
              message(
                  "{0} to {1}, timeline {2}",
                  physical.startLsn().toString(),
                  physical.stopLsn().toString(),
                  physical.timeline()));
          physical
              .tablespaces()
              .forEach(each ->
                  fact(
                      output,
                      message("tablespace"),
                      message("{0} in {1}", each.name(), each.location())));
        });
    backup
        .logical()
        .filter(Backup.Logical::rolePasswords)
        .ifPresent(logical ->
            fact(
                output,
                message("secrets"),
                message("password hashes of the roles, in {0}", logical.globals())));
    backup
        .configFiles()
        .forEach(file -> fact(output, message("configuration"), message("{0}", file.path())));
    backup
        .encryption()
        .ifPresent(encryption ->
            fact(output, message("encrypted for"), message("{0}", encryption.recipients())));
    showDatabases(session, fingerprints);
    output.json("prova.show.v1", result(decision, backup, fingerprints));
    return 0;
  }

  /// What stands beside is shown to whoever has no key, too.
  private static Map<String, Fingerprint> fingerprints(
      Session session, Repository repository, Backup backup) throws IOException {
    try {
      return Fingerprints.of(repository, backup, session.cluster().keys());
    } catch (OperationFailed e) {
      if (e.failure() != Failure.KEY) {
        throw e;
      }
      session.output().warn(message("tables are not shown: {0}", e.problem()));
      return Map.of();
    }
  }

  private void showDatabases(Session session, Map<String, Fingerprint> fingerprints) {
    Output output = session.output();
    List<List<String>> rows = new ArrayList<>();
    fingerprints.forEach((name, fingerprint) -> {
      if (database != null && !database.equals(name)) {
        return;
      }
      if (tables || database != null) {
        for (Fingerprint.Table table : fingerprint.tables()) {
          rows.add(
              List.of(
                  name,
                  table.name().toString(),
                  table
                      .rows()
                      .map(count -> message("{0}", count).in(output.language()))
                      .orElse("-"),
                  new io.prova.base.ByteCount(table.bytes()).in(output.language())));
        }
      } else {
        rows.add(
            List.of(
                name,
                message("{0} {0|table|tables}", fingerprint.tables().size()).in(output.language()),
                message("{0}", fingerprint.rows()).in(output.language()),
                fingerprint.encoding()));
      }
    });
    if (rows.isEmpty()) {
      return;
    }
    output.blank();
    boolean each = tables || database != null;
    output.table(
        ListCommand.words(
            session,
            message("DATABASE"),
            each ? message("TABLE") : message("TABLES"),
            message("ROWS"),
            each ? message("SIZE") : message("ENCODING")),
        rows);
  }

  private static Map<String, Object> result(
      Decision decision, Backup backup, Map<String, Fingerprint> fingerprints) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("summary", Views.BackupView.of(decision));
    result.put("backup", backup);
    result.put("fingerprints", fingerprints);
    return result;
  }

  private static void fact(Output output, Message name, Message value) {
    output.text("  " + padded(name.in(output.language())) + value.in(output.language()));
  }

  private static String padded(String name) {
    return name + " ".repeat(Math.max(1, 16 - name.length()));
  }

  static Message moment(Session session, Instant instant) {
    return message("{0}", instant.atZone(session.wiring().settings().zone()));
  }
}
