package io.prova.cli;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.catalog.Repository;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.Fingerprint.Table;
import io.prova.postgres.fingerprint.TableName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `prova diff`.
@Command(
    name = "diff",
    description = "Show what changed between two backups: tables, rows, contents.",
    footer = {"", "Exit code 0: no difference, 1: there are differences."})
final class DiffCommand extends Subcommand {

  @Parameters(index = "0", paramLabel = "LABEL", description = "The older backup.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String older;

  @Parameters(index = "1", paramLabel = "LABEL", description = "The newer backup.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String newer;

  /// One difference.
  record Difference(
      String database,
      String table,
      Optional<Long> rowsBefore,
      Optional<Long> rowsAfter,
      Message what) {}

  @Override
  int run(Session session) throws IOException {
    Repository repository = session.cluster().repository();
    Map<String, Fingerprint> before =
        Fingerprints.of(
            repository,
            repository.catalog().require(session.label(older)).backup(),
            session.cluster().keys());
    Map<String, Fingerprint> after =
        Fingerprints.of(
            repository,
            repository.catalog().require(session.label(newer)).backup(),
            session.cluster().keys());
    List<Difference> differences = new ArrayList<>();
    TreeSet<String> databases = new TreeSet<>(before.keySet());
    databases.addAll(after.keySet());
    databases.forEach(
        database -> compare(differences, database, before.get(database), after.get(database)));

    Output output = session.output();
    if (differences.isEmpty()) {
      output.line(message("no difference"));
    } else {
      output.table(
          ListCommand.words(
              session,
              message("DATABASE"),
              message("TABLE"),
              message("ROWS BEFORE"),
              message("ROWS AFTER"),
              message("CHANGE")),
          differences.stream().map(each -> row(output, each)).toList());
    }
    output.json("prova.diff.v1", differences);
    return differences.isEmpty() ? 0 : 1;
  }

  private static List<String> row(Output output, Difference difference) {
    return List.of(
        difference.database,
        difference.table,
        difference.rowsBefore.map(rows -> message("{0}", rows).in(output.language())).orElse("-"),
        difference.rowsAfter.map(rows -> message("{0}", rows).in(output.language())).orElse("-"),
        difference.what.in(output.language()));
  }

  private static void compare(
      List<Difference> differences,
      String database,
      @Nullable Fingerprint before,
      @Nullable Fingerprint after) {
    Map<TableName, Table> tablesBefore = tables(before);
    Map<TableName, Table> tablesAfter = tables(after);
    TreeSet<TableName> names = new TreeSet<>(tablesBefore.keySet());
    names.addAll(tablesAfter.keySet());
    for (TableName name : names) {
      Table one = tablesBefore.get(name);
      Table other = tablesAfter.get(name);
      what(one, other)
          .ifPresent(what ->
              differences.add(
                  new Difference(database, name.toString(), rows(one), rows(other), what)));
    }
  }

  private static Optional<Long> rows(@Nullable Table table) {
    return table == null ? Optional.empty() : table.rows();
  }

  private static Map<TableName, Table> tables(@Nullable Fingerprint fingerprint) {
    return fingerprint == null
        ? Map.of()
        : fingerprint.tables().stream().collect(Collectors.toMap(Table::name, Function.identity()));
  }

  private static Optional<Message> what(@Nullable Table before, @Nullable Table after) {
    if (before == null) {
      return Optional.of(message("new"));
    }
    if (after == null) {
      return Optional.of(message("gone"));
    }
    if (!before.definition().equals(after.definition())) {
      return Optional.of(message("columns changed"));
    }
    if (!before.rows().equals(after.rows())) {
      return Optional.of(message("rows changed"));
    }
    boolean bothDigested = before.digest().isPresent() && after.digest().isPresent();
    return bothDigested && !Objects.equals(before.digest(), after.digest())
        ? Optional.of(message("content changed"))
        : Optional.empty();
  }
}
