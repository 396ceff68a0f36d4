package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.Text;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// What stands in the file, as messages speak of it. Text that may hold a secret is not shown:
/// people put connection strings and addresses with tokens under the wrong key.
final class Found {

  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final Pattern MAY_HOLD_SECRET =
      Pattern.compile("(?i)://|:[^@\\s]*@|(password|passwd|senha|secret|token)\\s*[=:]");
  private static final int LONGEST_SHOWN = 60;

  private Found() {}

  /// Whether a key has no value at all. An empty text in quotes is a value.
  static boolean isNothing(Node node) {
    return node instanceof ScalarNode scalar
        && scalar.isPlain()
        && NULLS.contains(scalar.getValue());
  }

  static Message expected(Message what, Node found) {
    return message("expected {0}, found {1}", what, in(found));
  }

  static Message in(Node node) {
    if (isNothing(node)) {
      return message("nothing");
    }
    return switch (node) {
      case ScalarNode scalar -> quoted(scalar.getValue());
      case MappingNode _ -> message("a mapping");
      default -> message("a list");
    };
  }

  static Message quoted(String text) {
    return mayHoldSecret(text)
        ? message("a text that may hold a secret")
        : new Message("\"{0}\"", List.of(shortened(text)));
  }

  static boolean mayHoldSecret(String text) {
    return MAY_HOLD_SECRET.matcher(text).find();
  }

  /// A key, as far as it can be shown.
  static String shown(String key) {
    return mayHoldSecret(key) ? EffectiveValue.HIDDEN : shortened(key);
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
  }

  /// The one of `known` that was most likely meant, whatever its case.
  static Optional<String> nearest(String word, Collection<String> known) {
    if (word.length() > LONGEST_SHOWN) {
      return Optional.empty();
    }
    Map<String, String> byLowerCase =
        known.stream()
            .collect(
                Collectors.toMap(each -> each.toLowerCase(Locale.ROOT), each -> each, (a, b) -> a));
    return Text.nearest(word.toLowerCase(Locale.ROOT), byLowerCase.keySet()).map(byLowerCase::get);
  }
}
