package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.verify.Finding;
import io.prova.verify.VerifyRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `prova verify`.
@Command(
    name = "verify",
    description =
        "Read every byte of backups back and compare it with what was written; name what is damaged.",
    footer = {"", "Without a label all backups are read. Exit code 30: something is damaged."})
final class VerifyCommand extends Subcommand {

  @Parameters(arity = "0..*", paramLabel = "LABEL", description = "The backups to read.")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--deep",
      description =
          "Also decode every byte of physical backups in packs and check every page: proves that they can be put together.")
  private boolean deep;

  @Option(names = "--dry-run", description = "Show what would be read, and read nothing.")
  private boolean dryRun;

  @Override
  int run(Session session) throws IOException, InterruptedException {
    Output output = session.output();
    Listing listing = session.cluster().repository().catalog().list();
    List<Entry> entries = new ArrayList<>();
    for (String label : labels) {
      entries.add(session.cluster().repository().catalog().require(session.label(label)));
    }
    if (dryRun) {
      for (Entry entry : labels.isEmpty() ? listing.entries() : entries) {
        output.line(
            message(
                "{0} would be read: {1} {1|file|files}, {2}",
                entry.label().toString(), entry.backup().files(), entry.backup().stored()));
        output.json("prova.verify.plan.v1", Map.of("label", entry.label()));
      }
      return 0;
    }
    boolean damaged = false;
    for (Entry entry : labels.isEmpty() ? listing.entries() : entries) {
      VerifyRun.Result result = session.operations().verify(entry, deep, output);
      damaged |= !result.isWhole();
      show(output, result);
    }
    if (labels.isEmpty()) {
      // What cannot even be listed is as good as damaged.
      listing.doubts().forEach(doubt -> output.text(output.bad(doubt.in(output.language()))));
      int newer = session.cluster().repository().catalog().unknownFormats().size();
      damaged |= listing.doubts().size() > newer;
      if (!damaged && newer > 0) {
        return Failure.REPOSITORY.exitCode();
      }
    }
    return damaged ? Failure.DAMAGED.exitCode() : 0;
  }

  private static void show(Output output, VerifyRun.Result result) {
    String label = result.backup().label().text();
    if (result.isWhole()) {
      output.done(
          message(
              "{0} is whole: {1} {1|file|files}, {2}",
              label, result.backup().files(), result.backup().stored()));
    } else {
      output.text(
          output.bad(
              message("{0} is damaged: {1} {1|file|files}", label, result.findings().size())
                  .in(output.language())));
      for (Finding finding : result.findings()) {
        output.line(message("  {0}: {1}", finding.damage().path(), finding.damage().detail()));
        output.line(message("      {0}", finding.cost()));
      }
    }
    output.json(
        "prova.verify.v1",
        Map.of("label", label, "whole", result.isWhole(), "findings", result.findings()));
  }
}
