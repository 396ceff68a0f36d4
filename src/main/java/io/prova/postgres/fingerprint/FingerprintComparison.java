package io.prova.postgres.fingerprint;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.StoredText;
import io.prova.postgres.fingerprint.Fingerprint.Sequence;
import io.prova.postgres.fingerprint.Fingerprint.Table;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Where a restored database differs from the fingerprint taken at backup time.
///
/// @param checks one for each thing looked at, the different ones first
public record FingerprintComparison(String database, List<Check> checks) {

  /// What was restored, and so what may rightly be different.
  public enum Restored {
    /// A dump: exactly its snapshot.
    LOGICAL,
    /// Files and WAL: the end of the backup, a moment after the fingerprint's snapshot.
    PHYSICAL
  }

  public enum Outcome {
    DIFFERENT,
    /// Same number of rows; their content was not compared.
    COUNTED,
    NOT_COMPARED,
    EQUAL
  }

  /// @param ofTable whether it judges a table's content
  /// @param subject `table public.orders`, `sequence …`, `objects: views`
  public record Check(Outcome outcome, boolean ofTable, Message subject, Message detail) {

    Check(Outcome outcome, Message subject, Message detail) {
      this(outcome, false, subject, detail);
    }

    static Check ofTable(Outcome outcome, TableName table, Message detail) {
      return new Check(outcome, true, message("table {0}", table.toString()), detail);
    }
  }

  public boolean isEqual() {
    return count(Outcome.DIFFERENT) == 0;
  }

  /// Whether the data was really compared: every table that there was to compare is equal in
  /// content, and there is at least one such table, or no table at all.
  public boolean proves() {
    boolean anyTable = checks.stream().anyMatch(Check::ofTable);
    boolean anyEqualTable =
        checks.stream().anyMatch(each -> each.ofTable() && each.outcome == Outcome.EQUAL);
    return isEqual() && (anyEqualTable || !anyTable);
  }

  public long count(Outcome outcome) {
    return checks.stream().filter(each -> each.outcome == outcome).count();
  }

  /// How many tables came out so.
  public long tables(Outcome outcome) {
    return checks.stream().filter(each -> each.ofTable() && each.outcome == outcome).count();
  }

  public List<Check> different() {
    return checks.stream().filter(each -> each.outcome == Outcome.DIFFERENT).toList();
  }

  /// @param expected taken at backup time
  /// @param found taken of the restored database
  public static FingerprintComparison of(
      Fingerprint expected, Fingerprint found, Restored restored) {
    List<Check> checks = new ArrayList<>();
    compareTables(checks, expected, found, restored);
    compareSequences(checks, expected, found, restored);
    compareLargeObjects(checks, expected, found, restored);
    if (restored == Restored.LOGICAL) {
      compareObjects(checks, expected, found);
    }
    compareExtensions(checks, expected, found);
    compareEncoding(checks, expected, found);
    checks.sort(Comparator.comparing(Check::outcome));
    return new FingerprintComparison(expected.database(), List.copyOf(checks));
  }

  private static void compareTables(
      List<Check> checks, Fingerprint expected, Fingerprint found, Restored restored) {
    Map<TableName, Table> foundByName = byName(found.tables(), Table::name);
    Map<TableName, List<Table>> partitions = new TreeMap<>();
    for (Table table : expected.tables()) {
      if (table.root().isPresent() && restored == Restored.LOGICAL) {
        partitions.computeIfAbsent(table.root().get(), root -> new ArrayList<>()).add(table);
        continue;
      }
      checks.add(compare(table, Optional.ofNullable(foundByName.get(table.name())), restored));
    }
    partitions.forEach((root, parts) -> comparePartitions(checks, root, parts, found, foundByName));
  }

  /// A dump may load rows through the partitioned table, and hashing may then choose other
  /// partitions. So when a partition differs, what counts is whether all of them together hold the
  /// same rows.
  private static void comparePartitions(
      List<Check> checks,
      TableName root,
      List<Table> expected,
      Fingerprint found,
      Map<TableName, Table> foundByName) {
    List<Check> each =
        expected.stream()
            .map(part ->
                compare(part, Optional.ofNullable(foundByName.get(part.name())), Restored.LOGICAL))
            .toList();
    boolean someDiffer = each.stream().anyMatch(check -> check.outcome == Outcome.DIFFERENT);
    List<Table> foundParts =
        found.tables().stream()
            .filter(table -> table.root().filter(root::equals).isPresent())
            .toList();
    Optional<Sum> expectedSum = Sum.of(expected);
    if (someDiffer && expectedSum.isPresent() && expectedSum.equals(Sum.of(foundParts))) {
      checks.add(
          Check.ofTable(
              Outcome.EQUAL,
              root,
              message(
                  "the same {0} {0|row|rows}, distributed otherwise over the partitions",
                  expectedSum.get().rows)));
    } else {
      checks.addAll(each);
    }
  }

  private record Sum(long rows, BigInteger digest) {
    static Optional<Sum> of(List<Table> tables) {
      if (tables.stream().anyMatch(table -> table.rows().isEmpty() || table.digest().isEmpty())) {
        return Optional.empty();
      }
      return Optional.of(
          new Sum(
              tables.stream().mapToLong(table -> table.rows().get()).sum(),
              tables.stream()
                  .map(table -> table.digest().get())
                  .reduce(BigInteger.ZERO, BigInteger::add)));
    }
  }

  private static Check compare(Table expected, Optional<Table> maybeFound, Restored restored) {
    TableName name = expected.name();
    Optional<Message> excuse = excuse(expected, restored);
    if (excuse.isPresent()) {
      return Check.ofTable(Outcome.NOT_COMPARED, name, excuse.get());
    }
    if (expected.rows().isEmpty()) {
      return Check.ofTable(
          Outcome.NOT_COMPARED,
          name,
          message("could not be read at backup time: {0}", StoredText.of(expected.unread())));
    }
    if (maybeFound.isEmpty()) {
      return Check.ofTable(
          Outcome.DIFFERENT,
          name,
          message("missing; it had {0} {0|row|rows}", expected.rows().get()));
    }
    Table found = maybeFound.get();
    if (found.rows().isEmpty()) {
      return Check.ofTable(
          Outcome.DIFFERENT,
          name,
          message("cannot be read in the restored copy: {0}", StoredText.of(found.unread())));
    }
    if (!expected.rows().equals(found.rows())) {
      return Check.ofTable(
          Outcome.DIFFERENT,
          name,
          message(
              "expected {0} {0|row|rows}, found {1}", expected.rows().get(), found.rows().get()));
    }
    if (!expected.definition().equals(found.definition())) {
      return Check.ofTable(
          Outcome.DIFFERENT,
          name,
          message(
              "expected the columns ({0}), found ({1})",
              expected.definition(), found.definition()));
    }
    if (expected.digest().isEmpty() || found.digest().isEmpty()) {
      StoredText why = StoredText.of(expected.unread().or(found::unread));
      return Check.ofTable(
          Outcome.COUNTED,
          name,
          message("{0} {0|row|rows}, content not compared: {1}", found.rows().get(), why));
    }
    if (!expected.digest().equals(found.digest())) {
      return Check.ofTable(
          Outcome.DIFFERENT,
          name,
          message("{0} {0|row|rows} as expected, but their content differs", found.rows().get()));
    }
    return Check.ofTable(
        Outcome.EQUAL, name, message("{0} {0|row|rows}, content equal", found.rows().get()));
  }

  /// Why this table may rightly hold something else in the restored copy.
  private static Optional<Message> excuse(Table expected, Restored restored) {
    if (restored == Restored.LOGICAL) {
      return switch (expected.kind()) {
        case TABLE -> Optional.empty();
        case MATERIALIZED_VIEW ->
            Optional.of(message("a materialized view: its query fills it anew at restore"));
        case EXTENSION_TABLE ->
            Optional.of(message("belongs to an extension, which brings its rows itself"));
      };
    }
    if (expected.unlogged()) {
      return Optional.of(message("unlogged: its rows do not survive recovery, by design"));
    }
    if (!expected.quiet().orElse(false)) {
      return Optional.of(message("was written to while the backup ran"));
    }
    return Optional.empty();
  }

  private static void compareSequences(
      List<Check> checks, Fingerprint expected, Fingerprint found, Restored restored) {
    Map<TableName, Sequence> foundByName = byName(found.sequences(), Sequence::name);
    for (Sequence sequence : expected.sequences()) {
      Message subject = message("sequence {0}", sequence.name().toString());
      Sequence other = foundByName.get(sequence.name());
      if (other == null) {
        checks.add(new Check(Outcome.DIFFERENT, subject, message("missing")));
        continue;
      }
      boolean good =
          restored == Restored.LOGICAL
              ? isBetween(sequence, other.first())
              : isNotBehind(sequence, other.first());
      checks.add(
          good
              ? new Check(Outcome.EQUAL, subject, message("at {0}", other.first().value()))
              : new Check(
                  Outcome.DIFFERENT,
                  subject,
                  message(
                      "expected {0}, found {1}", sequence.first().value(), other.first().value())));
    }
  }

  /// The dump read it at some moment between our two readings.
  private static boolean isBetween(Sequence expected, Sequence.Position found) {
    if (expected.first().equals(expected.last())) {
      return found.equals(expected.first());
    }
    long low = Math.min(expected.first().value(), expected.last().value());
    long high = Math.max(expected.first().value(), expected.last().value());
    return found.value() >= low && found.value() <= high;
  }

  /// WAL carries a sequence ahead by up to 32 values; what must not happen is that it falls back
  /// and hands out values again. One that was set back or went round while the backup ran cannot be
  /// judged.
  private static boolean isNotBehind(Sequence expected, Sequence.Position found) {
    boolean ascending = expected.increment() > 0;
    boolean wentBack =
        ascending
            ? expected.last().value() < expected.first().value()
            : expected.last().value() > expected.first().value();
    return wentBack
        || (ascending
            ? found.value() >= expected.first().value()
            : found.value() <= expected.first().value());
  }

  private static void compareLargeObjects(
      List<Check> checks, Fingerprint expected, Fingerprint found, Restored restored) {
    Message subject = message("large objects");
    if (expected.largeObjects().count() == 0 && found.largeObjects().count() == 0) {
      return;
    }
    if (expected.largeObjects().digest().isEmpty() || found.largeObjects().digest().isEmpty()) {
      StoredText why =
          StoredText.of(expected.largeObjects().unread().or(() -> found.largeObjects().unread()));
      checks.add(new Check(Outcome.NOT_COMPARED, subject, message("could not be read: {0}", why)));
      return;
    }
    if (expected.largeObjects().equals(found.largeObjects())) {
      checks.add(
          new Check(
              Outcome.EQUAL,
              subject,
              message("{0}, content equal", expected.largeObjects().count())));
      return;
    }
    // Nobody watched their files in WAL, so in a physical backup a difference proves nothing.
    checks.add(
        new Check(
            restored == Restored.LOGICAL ? Outcome.DIFFERENT : Outcome.NOT_COMPARED,
            subject,
            message(
                "expected {0}, found {1}, or their content differs",
                expected.largeObjects().count(), found.largeObjects().count())));
  }

  private static void compareObjects(List<Check> checks, Fingerprint expected, Fingerprint found) {
    TreeSet<String> kinds = new TreeSet<>(expected.objects().keySet());
    kinds.retainAll(found.objects().keySet());
    for (String kind : kinds) {
      long before = expected.objects().getOrDefault(kind, 0L);
      long after = found.objects().getOrDefault(kind, 0L);
      checks.add(
          new Check(
              before == after ? Outcome.EQUAL : Outcome.DIFFERENT,
              message("objects: {0}", ObjectKind.word(kind)),
              before == after
                  ? message("{0}", before)
                  : message("expected {0}, found {1}", before, after)));
    }
  }

  private static void compareExtensions(
      List<Check> checks, Fingerprint expected, Fingerprint found) {
    Map<String, Fingerprint.Extension> foundByName =
        byName(found.extensions(), Fingerprint.Extension::name);
    for (Fingerprint.Extension extension : expected.extensions()) {
      Fingerprint.Extension other = foundByName.get(extension.name());
      Message subject = message("extension {0}", extension.name());
      if (other == null) {
        checks.add(new Check(Outcome.DIFFERENT, subject, message("missing")));
      } else {
        // A dump creates the version that is installed on the target: worth knowing, not a loss.
        checks.add(
            new Check(
                other.version().equals(extension.version()) ? Outcome.EQUAL : Outcome.NOT_COMPARED,
                subject,
                message("version {0}, at backup time {1}", other.version(), extension.version())));
      }
    }
  }

  private static void compareEncoding(List<Check> checks, Fingerprint expected, Fingerprint found) {
    boolean equal = expected.encoding().equals(found.encoding());
    checks.add(
        new Check(
            equal ? Outcome.EQUAL : Outcome.DIFFERENT,
            message("encoding"),
            equal
                ? message("{0}", found.encoding())
                : message("expected {0}, found {1}", expected.encoding(), found.encoding())));
  }

  private static <K, V> Map<K, V> byName(List<V> values, Function<V, K> name) {
    return values.stream().collect(Collectors.toMap(name, each -> each));
  }
}
