package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.drill.DrillCheck;
import io.prova.drill.Evidence;
import io.prova.drill.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova drill`.
@Command(
    name = "drill",
    description = "Test backups by restoring them into a scratch server and comparing the data.",
    footer = {
      "",
      "Without a label the newest backup of each kind is tested. The scratch server can touch nothing: own directory and socket, no TCP, no archiving, no replication, another user.",
      "Exit code 40: a backup failed its test; 41: a test could not be carried out."
    })
final class DrillCommand extends Subcommand {

  @Parameters(arity = "0..*", paramLabel = "LABEL", description = "The backups to test.")
  private List<String> labels = new ArrayList<>();

  @Option(names = "--dry-run", description = "Show what would be tested, and do nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    Output output = session.output();
    int exitCode = 0;
    List<Entry> entries = new ArrayList<>();
    if (labels.isEmpty()) {
      Listing listing = session.cluster().repository().catalog().list();
      // The newest backup may be the one that cannot even be listed.
      listing.doubts().forEach(output::warn);
      if (!listing.doubts().isEmpty()) {
        exitCode = Failure.DRILL_NOT_TESTED.exitCode();
      }
      for (BackupKind kind : BackupKind.values()) {
        listing.newest(kind).ifPresent(entries::add);
      }
      if (entries.isEmpty()) {
        throw new OperationFailed(
            Failure.DRILL_NOT_TESTED,
            message("there is no backup to test in {0}", session.cluster().repository().root()),
            message(
                "prova backup takes one; prova verify says what is wrong with those that are not listed."));
      }
    } else {
      entries.addAll(named(session));
    }
    for (Entry entry : entries) {
      if (dryRun) {
        output.line(
            message(
                "{0} backup {1} ({2}) would be restored below {3}",
                entry.backup().kind().word(),
                entry.label().toString(),
                entry.backup().stored(),
                session.cluster().scratchDirectory()));
        output.json(
            "prova.drill.plan.v1", Map.of("label", entry.label(), "kind", entry.backup().kind()));
        continue;
      }
      Evidence evidence = session.operations().drill(entry, Optional.empty(), output);
      show(output, evidence);
      exitCode = Math.max(exitCode, exitCode(evidence.verdict()));
    }
    return exitCode;
  }

  private List<Entry> named(Session session) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String label : labels) {
      entries.add(session.cluster().repository().catalog().require(session.label(label)));
    }
    return entries;
  }

  private static int exitCode(Verdict verdict) {
    return switch (verdict) {
      case PROVEN, STARTED -> 0;
      case FAILED -> Failure.DRILL_FAILED.exitCode();
      case NOT_TESTED -> Failure.DRILL_NOT_TESTED.exitCode();
    };
  }

  private static void show(Output output, Evidence evidence) {
    String word = evidence.verdict().word().in(output.language());
    String coloured =
        switch (evidence.verdict()) {
          case PROVEN -> output.good(word);
          case FAILED -> output.bad(word);
          case STARTED, NOT_TESTED -> output.open(word);
        };
    output.text(
        message(
                    "{0} backup {1}: ",
                    evidence.backup().kind().word(), evidence.backup().label().toString())
                .in(output.language())
            + coloured);
    for (DrillCheck check : evidence.checks()) {
      String mark =
          switch (check.outcome()) {
            case PASSED -> output.good("✓");
            case FAILED -> output.bad("✗");
            case NOT_TESTED -> output.open("?");
          };
      output.text(
          "  "
              + mark
              + " "
              + message("{0}: {1}", check.name(), check.summary()).in(output.language()));
      if (check.outcome() == DrillCheck.Outcome.FAILED) {
        check.details().forEach(detail -> output.line(message("      {0}", detail)));
      }
    }
    evidence.reasons().forEach(reason -> output.line(message("  because: {0}", reason)));
    if (!evidence.restoreTime().isZero()) {
      output.line(
          message(
              "  restored in {0} (RTO), data {1} old (RPO)",
              evidence.restoreTime(), evidence.dataAge()));
    }
    output.json(
        "prova.drill.v1",
        Map.of(
            "label", evidence.backup().label(),
            "verdict", evidence.verdict(),
            "reasons", evidence.reasons(),
            "checks", evidence.checks(),
            "restore_seconds", evidence.restoreTime().toMillis() / 1000.0,
            "data_age_seconds", evidence.dataAge().toSeconds()));
  }
}
