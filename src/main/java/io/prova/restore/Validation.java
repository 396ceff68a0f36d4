package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.BackupKind;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.SqlFailed;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.FingerprintBudget;
import io.prova.postgres.fingerprint.FingerprintComparison;
import io.prova.postgres.fingerprint.FingerprintComparison.Check;
import io.prova.postgres.fingerprint.FingerprintComparison.Outcome;
import io.prova.postgres.fingerprint.FingerprintComparison.Restored;
import io.prova.postgres.fingerprint.FingerprintSession;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Restored databases, compared with the fingerprints taken at backup time.
///
/// @param comparisons of the databases that have a fingerprint
/// @param unreadable databases that could not be looked at in the restored server, and why
public record Validation(List<FingerprintComparison> comparisons, Map<String, Message> unreadable) {

  public static final Validation NOTHING = new Validation(List.of(), Map.of());

  /// Nothing differs, as far as there was anything to compare.
  public boolean isEqual() {
    return unreadable.isEmpty() && comparisons.stream().allMatch(FingerprintComparison::isEqual);
  }

  /// Every database's data was compared and is what it was.
  public boolean proves() {
    return !comparisons.isEmpty()
        && unreadable.isEmpty()
        && comparisons.stream().allMatch(FingerprintComparison::proves);
  }

  public long tables(Outcome outcome) {
    return comparisons.stream().mapToLong(each -> each.tables(outcome)).sum();
  }

  /// What differs, ready to be shown.
  public List<Message> differences() {
    List<Message> all = new ArrayList<>();
    unreadable.forEach((database, why) -> all.add(message("database {0}: {1}", database, why)));
    for (FingerprintComparison comparison : comparisons) {
      for (Check check : comparison.different()) {
        all.add(message("{0}: {1}: {2}", comparison.database(), check.subject(), check.detail()));
      }
    }
    return all;
  }

  /// @param expected by database
  /// @param connection of a database, by its name at backup time
  public static Validation run(
      Map<String, Fingerprint> expected,
      Function<String, ConnectionSettings> connection,
      BackupKind kind,
      InstantSource clock,
      Consumer<Event> events) {
    Restored restored = kind == BackupKind.LOGICAL ? Restored.LOGICAL : Restored.PHYSICAL;
    List<FingerprintComparison> comparisons = new ArrayList<>();
    Map<String, Message> unreadable = new LinkedHashMap<>();
    expected.forEach((database, fingerprint) -> {
      events.accept(new Event.StepStarted(message("compare database {0}", database)));
      try (FingerprintSession session = FingerprintSession.connect(connection.apply(database))) {
        session.begin(clock);
        session.lock();
        Fingerprint found = session.measure(budgetOf(fingerprint));
        comparisons.add(FingerprintComparison.of(fingerprint, found, restored));
      } catch (OperationFailed | SqlFailed e) {
        unreadable.put(database, Problems.of(e));
      }
    });
    return new Validation(List.copyOf(comparisons), Map.copyOf(unreadable));
  }

  /// What was only counted at backup time need only be counted now.
  private static FingerprintBudget budgetOf(Fingerprint expected) {
    if (expected.tables().stream().allMatch(table -> table.digest().isPresent())) {
      return FingerprintBudget.UNLIMITED;
    }
    long largestDigested =
        expected.tables().stream()
            .filter(table -> table.digest().isPresent())
            .mapToLong(Fingerprint.Table::bytes)
            .max()
            .orElse(0);
    // The copy may be smaller (it has no bloat), never much larger.
    return new FingerprintBudget(
        Optional.of(new ByteCount(2 * largestDigested + 1024 * 1024)), Optional.empty());
  }
}
