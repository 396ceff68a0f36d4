package io.prova.base;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An English text of ours as a pattern of the sentences that are made of it.
final class SpokenText {

  /// With fewer letters of its own, a text that begins with a value fits too much of what others
  /// say: `{0} does not exist` is PostgreSQL's too.
  private static final int FEWEST_LETTERS_AFTER_A_VALUE = 15;

  private static final int FEWEST_LETTERS = 8;

  private static final int FEWEST_LETTERS_WITHOUT_VALUES = 5;

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([0-9]+)((?:\\|[^|}]*){2})?\\}");

  private final String text;
  private final Pattern sentence;
  private final List<Integer> placeholders;
  private final int letters;

  private SpokenText(String text) {
    this.text = text;
    StringBuilder regex = new StringBuilder();
    List<Integer> found = new ArrayList<>();
    Matcher matcher = PLACEHOLDER.matcher(text);
    int at = 0;
    while (matcher.find()) {
      regex.append(Pattern.quote(text.substring(at, matcher.start())));
      if (matcher.group(2) == null) {
        found.add(Integer.parseInt(matcher.group(1)));
        regex.append("(.*?)");
      } else {
        regex.append(".*?");
      }
      at = matcher.end();
    }
    regex.append(Pattern.quote(text.substring(at)));
    this.sentence = Pattern.compile(regex.toString(), Pattern.DOTALL);
    this.placeholders = List.copyOf(found);
    this.letters =
        (int) PLACEHOLDER.matcher(text).replaceAll("").chars().filter(Character::isLetter).count();
  }

  /// Those that say the most come first.
  static List<SpokenText> all(Collection<String> texts) {
    return texts.stream()
        .map(SpokenText::new)
        .filter(SpokenText::isTelling)
        .sorted(
            Comparator.comparingInt((SpokenText each) -> -each.letters)
                .thenComparing(each -> each.text))
        .toList();
  }

  private boolean isTelling() {
    int fewest =
        switch (text.indexOf('{')) {
          case -1 -> FEWEST_LETTERS_WITHOUT_VALUES;
          case 0 -> FEWEST_LETTERS_AFTER_A_VALUE;
          default -> FEWEST_LETTERS;
        };
    return letters >= fewest;
  }

  /// `said` taken apart again, if it was made of this text.
  Optional<Message> read(String said) {
    Matcher matcher = sentence.matcher(said);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    TreeMap<Integer, Object> values = new TreeMap<>();
    for (int i = 0; i < placeholders.size(); i++) {
      values.put(placeholders.get(i), value(matcher.group(i + 1)));
    }
    if (values.size() > 0 && values.lastKey() != values.size() - 1) {
      return Optional.empty();
    }
    try {
      Message message = new Message(text, List.copyOf(values.values()));
      return message.toString().equals(said) ? Optional.of(message) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a word where this text has a number
    }
  }

  private static Object value(String said) {
    if (said.matches("[0-9]{1,9}")) {
      return Integer.parseInt(said);
    }
    if (said.matches("[0-9]{1,3}(,[0-9]{3}){1,5}")) {
      return Long.parseLong(said.replace(",", ""));
    }
    if (said.matches("[0-9]{1,4}(\\.[0-9]{1,2})? ([KMGTPE]i)?B")) {
      ByteCount size = ByteCount.parse(said);
      if (size.toString().equals(said)) {
        return size;
      }
    }
    return new StoredText(said);
  }
}
