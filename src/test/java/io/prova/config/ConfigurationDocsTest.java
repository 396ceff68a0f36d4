package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.postgres.connection.ConnectionString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The pages and the example say what the reader does.
class ConfigurationDocsTest {

  private static final Path EXAMPLE = Path.of("packaging/prova.yaml");
  private static final List<String> ENGLISH_AND_PORTUGUESE =
      List.of("docs/configuration.md", "docs/configuration.pt-BR.md");

  /// What the example cannot hold beside what it has.
  private static final List<String> OTHER_FORMS =
      List.of(
          "clusters: {main: }",
          "connection: {host: h}",
          "service: {systemd: u}",
          "service: {pg_ctl: true, log: /l}",
          "service: {pg_ctlcluster: 17 main}",
          "service: {start: /s, stop: /t}",
          "alerts: {administrators: {webhook: https://h, command: /c}}",
          "alerts: {mail: {host: h, from: a@b, user: u, password: p}}");

  @TempDir private Path directory;

  private record Read(Set<String> known, Set<String> written) {}

  /// Reads `yaml` as the program does and notes which keys it looks for, and which it finds.
  private Read read(String yaml) {
    Reading reading =
        new Reading(Optional.of(new ConfigFile(directory.resolve("prova.yaml"), "prova.yaml")));
    Section root =
        new Section(
            reading, "", 1, YamlText.parse(yaml.getBytes(StandardCharsets.UTF_8), "prova.yaml"));
    reading.loaded(
        new SettingsReader(Map.of(), directory, Yaml.HOME, false)
            .settings(reading, root, Optional.empty()));
    Set<String> known = new TreeSet<>();
    Set<String> written = new TreeSet<>();
    for (Section section : reading.sections()) {
      if (!section.path().equals("clusters")) {
        section.known().forEach(key -> known.add(documented(section.path(key))));
        section.keys().forEach(key -> written.add(documented(section.path(key))));
      }
    }
    return new Read(known, written);
  }

  /// The name under which a key is documented.
  private static String documented(String path) {
    return path.replaceFirst("^clusters\\.main\\.", "")
        .replaceFirst("\\[[0-9]+]", "")
        .replaceFirst("^admin_connection\\.", "connection.")
        .replaceFirst("^retention\\.(logical|physical)\\.(?!logical|physical)", "retention.")
        .replaceFirst("^connection\\.", "");
  }

  private String uncommentedExample() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "x");
    return Files.readString(EXAMPLE)
        .replaceAll("(?m)^( *)#(?=\\S)", "$1")
        .replace("/etc/prova/smtp-password", secret.toString());
  }

  private Read everything() throws IOException {
    Set<String> known = new TreeSet<>();
    Set<String> written = new TreeSet<>();
    for (String yaml : OTHER_FORMS) {
      Read read = read(yaml);
      known.addAll(read.known);
      written.addAll(read.written);
    }
    Read example = read(uncommentedExample());
    known.addAll(example.known);
    written.addAll(example.written);
    return new Read(known, written);
  }

  @Test
  void theExampleAsItIsIsThePlan() throws IOException {
    Yaml yaml = new Yaml(directory);
    Settings plan = yaml.load("").settings();
    assertThat(yaml.load(Files.readString(EXAMPLE)).settings()).isEqualTo(plan);
  }

  @Test
  void theExampleHoldsEveryKey() throws IOException {
    Read everything = everything();
    Set<String> missing = new TreeSet<>(everything.known);
    missing.removeAll(everything.written);
    assertThat(missing).as("libpq's keywords apart").isSubsetOf(ConnectionString.keywords());
  }

  @Test
  void whatTheExampleHasSwitchedOffIsTheDefaultWhereThereIsOne() throws IOException {
    Map<String, String> defaults = values("");
    Map<String, String> written = values(uncommentedExample());
    Set<String> differ = new TreeSet<>();
    defaults.forEach((path, value) -> {
      if (!value.equals(written.getOrDefault(path, value))) {
        differ.add(path);
      }
    });
    assertThat(differ)
        .isSubsetOf(
            "time_zone",
            "state_directory",
            "client_tools",
            "alerts.team.email",
            "alerts.team.webhook",
            "alerts.administrators.email");
  }

  private Map<String, String> values(String yaml) {
    Map<String, String> values = new TreeMap<>();
    new Yaml(directory)
        .load(yaml)
        .values()
        .forEach(value -> values.put(value.path(), value.value()));
    return values;
  }

  @Test
  void bothPagesHoldEveryKey() throws IOException {
    Set<String> keys = everything().known;
    assertThat(keys).hasSizeGreaterThan(80);
    for (String page : ENGLISH_AND_PORTUGUESE) {
      String text = Files.readString(Path.of(page));
      assertThat(keys).as(page).allSatisfy(key -> assertThat(text).contains("`" + key + "`"));
    }
  }

  @Test
  void thePagesNameNoKeyThatTheReaderDoesNotKnow() throws IOException {
    Set<String> known = everything().known;
    Pattern inTable = Pattern.compile("(?m)^\\| (`[a-z_.]+`(?:, `[a-z_.]+`)*) \\|.*\\|.*\\|");
    for (String page : ENGLISH_AND_PORTUGUESE) {
      Matcher rows = inTable.matcher(Files.readString(Path.of(page)));
      while (rows.find()) {
        for (String key : rows.group(1).replace("`", "").split(", ", -1)) {
          if (!key.equals("never")) {
            assertThat(known).as(page).contains(key);
          }
        }
      }
    }
  }

  @Test
  void bothPagesTellTheSameDefaults() throws IOException {
    assertThat(defaultsIn(ENGLISH_AND_PORTUGUESE.getLast()))
        .isNotEmpty()
        .isEqualTo(defaultsIn(ENGLISH_AND_PORTUGUESE.getFirst()));
  }

  /// The defaults that are written as values, by key.
  private static Map<String, String> defaultsIn(String page) throws IOException {
    Map<String, String> defaults = new TreeMap<>();
    Matcher rows =
        Pattern.compile("(?m)^\\| (`[a-z_., `]+`) \\| (`[^`]+`) \\|")
            .matcher(Files.readString(Path.of(page)));
    while (rows.find()) {
      defaults.put(rows.group(1), rows.group(2));
    }
    return defaults;
  }

  @Test
  void theDefaultsOnThePagesAreTheOnesInForce() throws IOException {
    Map<String, String> inForce = values("");
    defaultsIn(ENGLISH_AND_PORTUGUESE.getFirst())
        .forEach((keys, value) -> {
          for (String key : keys.replace("`", "").split(", ", -1)) {
            String path = key.replaceFirst("^retention\\.", "retention.logical.");
            if (inForce.containsKey(path) && !key.startsWith("state_")) {
              assertThat(normal(value)).as(key).isEqualTo(normal(inForce.get(path)));
            }
          }
        });
  }

  private static String normal(String value) {
    return value.replaceAll("[`\"]", "").replace("24 h", "1 d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/configuration.md", "docs/configuration.pt-BR.md"})
  void everyExampleOnThePagesIsRight(String page) throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "x");
    Matcher blocks =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of(page)));
    int found = 0;
    while (blocks.find()) {
      new Yaml(directory)
          .load(blocks.group(1).replace("/etc/prova/smtp-password", secret.toString()));
      found++;
    }
    assertThat(found).isGreaterThan(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/configuration.md", "docs/configuration.pt-BR.md"})
  void everyScheduleOnThePagesIsRight(String page) throws IOException {
    String text = Files.readString(Path.of(page));
    Matcher rows =
        Pattern.compile("(?m)^\\| `([^`]+ [0-9:][^`]*|every [^`]+)` \\|(?: `([^`]+)`)? +\\|")
            .matcher(text);
    int found = 0;
    while (rows.find()) {
      Schedule english = Schedule.parse(rows.group(1));
      String portuguese = rows.group(2);
      if (portuguese != null) {
        assertThat(Schedule.parse(portuguese).describe()).isEqualTo(english.describe());
      }
      found++;
    }
    assertThat(found).isGreaterThan(7);
  }
}
