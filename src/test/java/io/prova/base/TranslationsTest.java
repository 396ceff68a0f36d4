package io.prova.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.cli.HelpTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Holds the English texts of the sources and `pt.po` together.
///
/// Each run writes `target/pt.po`: all texts by source file, with the translations there are and an
/// empty `msgstr` for those that are missing; leftovers are gone. To bring the translations up to
/// date, fill the empty places there and copy it over `src/main/resources/io/prova/pt.po`.
class TranslationsTest {

  private static final Path PROPOSAL = Path.of("target/pt.po");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^}]*)\\}");

  /// Where a text is no constant, and why it need not be one.
  private static final Map<String, String> NOT_CONSTANT =
      Map.of(
          "base/Message.java: text", "passes on what its caller wrote",
          "base/SpokenText.java: text", "finds texts again that were translated before",
          "cli/TranslatedHelp.java: english", "help texts, which this test asks for by themselves",
          "config/Reading.java: oneEachLine", "placeholders, one on each line");

  private static EnglishTexts sources;
  private static PoFile portuguese;

  /// English texts by the first file that they stand in, in the order of the sources.
  private static final Map<String, String> FILE_BY_TEXT = new LinkedHashMap<>();

  @BeforeAll
  static void readSources() throws IOException {
    sources = EnglishTexts.ofSources();
    portuguese = PoFile.read(PoFile.PORTUGUESE);
    TreeMap<String, List<String>> byFile = new TreeMap<>();
    sources
        .found()
        .forEach(each ->
            byFile.computeIfAbsent(each.file(), file -> new ArrayList<>()).add(each.text()));
    HelpTexts.all()
        .forEach(each ->
            byFile.computeIfAbsent(each.file(), file -> new ArrayList<>()).add(each.text()));
    byFile.forEach((file, texts) ->
        texts.stream()
            .filter(TranslationsTest::hasWords)
            .forEach(text -> FILE_BY_TEXT.putIfAbsent(text, file)));
    Files.createDirectories(PROPOSAL.getParent());
    Files.writeString(PROPOSAL, proposal());
  }

  /// `{0}: {1}` is the same in every language; `{0} {0|file|files}` is not.
  private static boolean hasWords(String text) {
    return text.codePoints().anyMatch(Character::isLetter);
  }

  private static String proposal() {
    Map<String, String> known = new HashMap<>();
    portuguese.entries().forEach(each -> known.putIfAbsent(each.english(), each.translation()));
    StringBuilder out = new StringBuilder(portuguese.head()).append('\n');
    String file = "";
    for (Map.Entry<String, String> each : FILE_BY_TEXT.entrySet()) {
      if (!each.getValue().equals(file)) {
        file = each.getValue();
        out.append("\n#: ").append(file).append('\n');
      }
      out.append(PoFile.format(each.getKey(), known.getOrDefault(each.getKey(), "")));
    }
    return out.toString();
  }

  @Test
  void everyTextIsAConstantThatCanBeLookedFor() {
    List<EnglishTexts.Unknown> unknown = new ArrayList<>(sources.unknown());
    unknown.removeIf(each -> NOT_CONSTANT.containsKey(each.file() + ": " + each.expression()));

    assertThat(unknown)
        .as("texts that the sources put together while they run; give Message.message a literal")
        .isEmpty();
  }

  @Test
  void everyTextHasItsTranslation() {
    List<String> translated =
        portuguese.entries().stream()
            .filter(each -> !each.translation().isBlank())
            .map(PoFile.Entry::english)
            .toList();
    StringBuilder missing = new StringBuilder();
    FILE_BY_TEXT.forEach((text, file) -> {
      if (!translated.contains(text)) {
        missing.append("#: ").append(file).append('\n').append(PoFile.format(text, ""));
      }
    });
    assertThat(missing.toString())
        .as(
            "texts without a translation; %s has a place for each, to be filled and copied",
            PROPOSAL)
        .isEmpty();
  }

  @Test
  void noTranslationIsOfATextThatIsGone() {
    assertThat(portuguese.entries().stream().map(PoFile.Entry::english))
        .filteredOn(text -> !FILE_BY_TEXT.containsKey(text))
        .as("texts that no source says any more; %s is without them", PROPOSAL)
        .isEmpty();
  }

  @Test
  void noTextIsTranslatedTwice() {
    assertThat(portuguese.entries().stream().map(PoFile.Entry::english)).doesNotHaveDuplicates();
  }

  @Test
  void bothLanguagesShowTheSameValues() {
    // A word can follow a number only where the English does so: there the value is one.
    assertThat(portuguese.entries())
        .filteredOn(each ->
            !indexes(each.translation(), false).equals(indexes(each.english(), false))
                || !indexes(each.english(), true).containsAll(indexes(each.translation(), true)))
        .isEmpty();
  }

  /// @param counted only those that choose a word by their number
  private static Set<Integer> indexes(String text, boolean counted) {
    Set<Integer> indexes = new TreeSet<>();
    Matcher matcher = PLACEHOLDER.matcher(text);
    while (matcher.find()) {
      String[] parts = matcher.group(1).split("\\|", -1);
      assertThat(parts.length).as("{n} or {n|one|many} in: %s", text).isIn(1, 3);
      if (!counted || parts.length == 3) {
        indexes.add(Integer.parseInt(parts[0]));
      }
    }
    return indexes;
  }

  /// What stands around a text (blanks, a line end, the sign before its value) is layout.
  @Test
  void bothLanguagesBeginAndEndAlike() {
    assertThat(portuguese.entries())
        .filteredOn(each ->
            !leading(each.translation()).equals(leading(each.english()))
                || !trailing(each.translation()).equals(trailing(each.english()))
                || each.translation().endsWith(".") != each.english().endsWith("."))
        .isEmpty();
  }

  private static String leading(String text) {
    return text.substring(0, text.length() - text.stripLeading().length());
  }

  private static String trailing(String text) {
    return text.substring(text.stripTrailing().length());
  }

  @Test
  void theProgramReadsTheFileAsItIsWritten() {
    Map<String, String> written = new HashMap<>();
    portuguese.entries().forEach(each -> written.put(each.english(), each.translation()));
    assertThat(Translations.of(Language.PORTUGUESE).byEnglish()).isEqualTo(written);
  }
}
