package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.OperationFailed;
import io.prova.catalog.Listing;
import io.prova.journal.Anchor;
import io.prova.journal.Journal;
import io.prova.journal.JournalRecord;
import io.prova.journal.JournalVerification;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prova journal`.
@Command(
    name = "journal",
    description =
        "Show what was done: every command's begin and end, who, where, with what result.",
    subcommands = JournalCommand.Verify.class)
final class JournalCommand extends Subcommand {

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      description = "How many of the last records (default: 20).")
  private int last = 20;

  @Override
  int run(Session session) throws IOException {
    Output output = session.output();
    Journal journal = session.wiring().journal(session.cluster());
    for (JournalRecord record : journal.tail(last)) {
      output.line(
          message(
              "{0}  {1}  {2} {3}  {4}@{5}  {6}",
              ShowCommand.moment(session, record.time()),
              record.operation(),
              record.command(),
              record.event(),
              record.who(),
              record.host(),
              record.details().toString()));
      output.json("prova.journal.v1", record);
    }
    return 0;
  }

  /// `prova journal verify`.
  @Command(
      name = "verify",
      description = "Find an edited, removed, reordered or cut-off record.",
      footer = {
        "",
        "Backups remember where the journal ended when they were taken.",
        "Exit code 61: it was changed."
      })
  static final class Verify extends Subcommand {

    @Override
    int run(Session session) throws IOException, InterruptedException {
      Output output = session.output();
      Listing listing = session.cluster().repository().catalog().list();
      List<Anchor> anchors = new ArrayList<>();
      listing.entries().forEach(entry -> entry.backup().journal().ifPresent(anchors::add));
      JournalVerification verification =
          session.wiring().journal(session.cluster()).verify(anchors);
      return switch (verification) {
        case JournalVerification.Intact intact -> {
          output.line(
              message(
                  "the journal is intact: {0} {0|record|records}, {1} {1|anchor|anchors} in backups agree",
                  intact.records(), (long) anchors.size()));
          output.json(
              "prova.journal.verify.v1", Map.of("intact", true, "records", intact.records()));
          yield 0;
        }
        case JournalVerification.Damaged damaged -> {
          OperationFailed failed = damaged.failure();
          throw failed;
        }
      };
    }
  }
}
