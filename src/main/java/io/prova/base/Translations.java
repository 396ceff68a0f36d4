package io.prova.base;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The texts of one language, keyed by their English.
///
/// They come from `<language>.po` beside this class's package, in gettext's format, of which only
/// `msgid` and `msgstr` are used.
final class Translations {

  private static final Translations ENGLISH = new Translations(Language.ENGLISH, Map.of());

  private final Language language;
  private final Map<String, String> byEnglish;
  private @Nullable List<SpokenText> spokenTexts;

  private Translations(Language language, Map<String, String> byEnglish) {
    this.language = language;
    this.byEnglish = byEnglish;
  }

  static Translations of(Language language) {
    return language == Language.ENGLISH ? ENGLISH : PortugueseHolder.TRANSLATIONS;
  }

  private static final class PortugueseHolder {
    static final Translations TRANSLATIONS = load(Language.PORTUGUESE);
  }

  /// An untranslated text stays English: better than none.
  String translate(String english) {
    return byEnglish.getOrDefault(english, english);
  }

  Map<String, String> byEnglish() {
    return byEnglish;
  }

  /// A finished English sentence in this language: the text it was made of is found again, and with
  /// it the values. A sentence that fits no text stays as it is.
  String respeak(String sentence) {
    if (byEnglish.isEmpty()) {
      return sentence;
    }
    Optional<String> respoken =
        spokenTexts().stream()
            .flatMap(text -> text.read(sentence).stream())
            .findFirst()
            .map(message -> message.in(language));
    return respoken.orElseGet(() -> respeakAfterColon(sentence));
  }

  /// A thing and what is said of it.
  private String respeakAfterColon(String sentence) {
    int said = sentence.indexOf(": ") + 2;
    return said < 2 ? sentence : sentence.substring(0, said) + respeak(sentence.substring(said));
  }

  private synchronized List<SpokenText> spokenTexts() {
    if (spokenTexts == null) {
      spokenTexts = SpokenText.all(byEnglish.keySet());
    }
    return spokenTexts;
  }

  private static Translations load(Language language) {
    String resource = "/io/prova/" + language.code() + ".po";
    try (InputStream in = Translations.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("missing resource " + resource);
      }
      return new Translations(
          language, parse(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, String> parse(BufferedReader reader) throws IOException {
    Map<String, String> byEnglish = new HashMap<>();
    StringBuilder id = new StringBuilder();
    StringBuilder translation = new StringBuilder();
    StringBuilder current = id;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.startsWith("msgid ")) {
        add(byEnglish, id, translation);
        current = id;
      } else if (line.startsWith("msgstr ")) {
        current = translation;
      } else if (!line.startsWith("\"")) {
        continue; // a comment or an empty line
      }
      unquote(line, current);
    }
    add(byEnglish, id, translation);
    return Map.copyOf(byEnglish);
  }

  private static void add(
      Map<String, String> byEnglish, StringBuilder id, StringBuilder translation) {
    if (!id.isEmpty() && !translation.isEmpty()) {
      byEnglish.put(id.toString(), translation.toString());
    }
    id.setLength(0);
    translation.setLength(0);
  }

  private static void unquote(String line, StringBuilder out) {
    int end = line.lastIndexOf('"');
    boolean escaped = false;
    for (int i = line.indexOf('"') + 1; i < end; i++) {
      char c = line.charAt(i);
      if (c == '\\' && !escaped) {
        escaped = true;
        continue;
      }
      out.append(escaped && c == 'n' ? '\n' : c);
      escaped = false;
    }
  }
}
