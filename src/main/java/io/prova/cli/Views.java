package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Message;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.Proof;
import io.prova.catalog.ProofLevel;
import io.prova.retention.RetentionPlan.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What `--json` shows of things, apart from how they are stored.
final class Views {

  private Views() {}

  /// One backup.
  record BackupView(
      String label,
      BackupKind kind,
      Instant consistentAt,
      double seconds,
      ByteCount stored,
      long files,
      ProofLevel proof,
      boolean damaged,
      Optional<Instant> testedAt,
      boolean suspicious,
      boolean pinned,
      List<Message> keptBecause,
      Optional<Instant> keptUntil) {

    static BackupView of(Decision decision) {
      Entry entry = decision.entry();
      return new BackupView(
          entry.label().text(),
          entry.backup().kind(),
          entry.backup().consistentAt(),
          Duration.between(entry.backup().started(), entry.backup().finished()).toMillis() / 1000.0,
          entry.backup().stored(),
          entry.backup().files(),
          entry.proof().level(),
          entry.proof().damaged(),
          entry.proof().testedAt(),
          entry.isSuspicious(),
          entry.pin().isPresent(),
          decision.reasons(),
          decision.until());
    }
  }

  static Message proof(Proof proof) {
    if (proof.damaged()) {
      return message("FAILED ITS TEST");
    }
    return switch (proof.level()) {
      case STORED -> message("stored");
      case VERIFIED -> message("verified");
      case STARTED -> message("started");
      case PROVEN -> message("proven");
    };
  }

  static String proof(Entry entry, Output output) {
    String text = proof(entry.proof()).in(output.language());
    if (entry.proof().damaged()) {
      return output.bad(text);
    }
    if (entry.isSuspicious()) {
      return output.open(text + " " + message("(looks wrong)").in(output.language()));
    }
    return entry.proof().isProven() ? output.good(text) : text;
  }
}
