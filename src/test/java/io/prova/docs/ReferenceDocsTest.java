package io.prova.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Failure;
import io.prova.base.Json;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Damage;
import io.prova.catalog.ProofLevel;
import io.prova.check.Finding;
import io.prova.drill.DrillCheck;
import io.prova.drill.Verdict;
import io.prova.postgres.fingerprint.FingerprintComparison;
import io.prova.restore.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/exit-codes.md and docs/json.md are promises; here they and the program are held together.
class ReferenceDocsTest {

  private static final Pattern EXIT_CODE = Pattern.compile("(?m)^\\| (\\d+) \\| `([A-Z_]+)` \\|");
  private static final Pattern SCHEMA = Pattern.compile("prova\\.[a-z.-]+\\.v\\d+");

  /// Whatever stands for a choice in the output of a command.
  private static final List<Class<? extends Enum<?>>> CHOICES =
      List.of(
          BackupKind.class,
          Damage.Kind.class,
          DrillCheck.Outcome.class,
          Finding.Severity.class,
          FingerprintComparison.Outcome.class,
          ProofLevel.class,
          Rung.Way.class,
          Verdict.class);

  @Test
  void thePageNamesEveryFailureWithItsExitCodeAndNoOther() throws IOException {
    Map<String, Integer> documented = new TreeMap<>();
    EXIT_CODE
        .matcher(Files.readString(Path.of("docs/exit-codes.md")))
        .results()
        .forEach(row -> documented.put(row.group(2), Integer.valueOf(row.group(1))));
    Map<String, Integer> ours =
        Arrays.stream(Failure.values())
            .collect(Collectors.toMap(Failure::name, Failure::exitCode, (a, b) -> a, TreeMap::new));
    assertThat(documented).isEqualTo(ours);
  }

  @Test
  void thePageNamesEverySchemaOfTheSources() throws IOException {
    Set<String> ours = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(each -> each.toString().endsWith(".java")).toList()) {
        Pattern.compile("\"(" + SCHEMA + ")\"")
            .matcher(Files.readString(source))
            .results()
            .map(found -> found.group(1))
            .forEach(ours::add);
      }
    }
    assertThat(ours).contains("prova.list.v1", "prova.error.v1");
    Set<String> documented =
        Pattern.compile("(?m)^### .*$")
            .matcher(Files.readString(Path.of("docs/json.md")))
            .results()
            .flatMap(heading -> SCHEMA.matcher(heading.group()).results())
            .map(MatchResult::group)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).containsAll(ours);
  }

  @Test
  void theLinesShownAsJsonAreJsonOfADocumentedSchema() throws IOException {
    String page = Files.readString(Path.of("docs/json.md"));
    List<MatchResult> examples =
        Pattern.compile("(?s)```json\n(.*?)\n```").matcher(page).results().toList();
    assertThat(examples).isNotEmpty();
    for (MatchResult example : examples) {
      String schema = Json.LINE.readTree(example.group(1)).path("schema").asString();
      assertThat(page).contains("`" + schema + "`");
    }
  }

  @Test
  void choicesAreLowerCaseWordsInJson() {
    for (Class<? extends Enum<?>> choice : CHOICES) {
      for (Enum<?> each : choice.getEnumConstants()) {
        String text = Json.LINE.writeValueAsString(each);
        assertThat(text).as(choice.getName()).matches("\"[a-z _]+\"");
        assertThat(text.replace('_', ' '))
            .isEqualTo(
                '"' + each.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + '"');
      }
    }
  }

  @Test
  void pathsInJsonAreAsOneTypesThem() {
    assertThat(Json.LINE.writeValueAsString(Map.of("to", Path.of("/srv/a b"))))
        .isEqualTo("{\"to\":\"/srv/a b\"}");
  }
}
