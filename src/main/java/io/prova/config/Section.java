package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.Secret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// One mapping of the file, read key by key. It remembers what it was asked for: that is what may
/// stand there, and every other key is a mistake.
///
/// Problems go to the [Reading]; the caller goes on with a default, so that all are found at once.
final class Section {

  private final Reading reading;
  private final String path;
  private final int line;
  private final boolean inBraces;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  private record Entry(int line, Node value) {}

  /// @param path empty for the whole file
  /// @param line where problems of absent keys are shown
  /// @param node empty if nothing is written there
  Section(Reading reading, String path, int line, Optional<Node> node) {
    this.reading = reading;
    this.path = path;
    this.line = line;
    Optional<Node> written = node.filter(each -> !Found.isNothing(each));
    inBraces =
        written.isPresent()
            && written.get() instanceof MappingNode mapping
            && mapping.getFlowStyle() == FlowStyle.FLOW;
    written.ifPresent(this::takeEntries);
    reading.add(this);
  }

  private void takeEntries(Node node) {
    if (!(node instanceof MappingNode mapping)) {
      reading.problem(Reading.line(node), path, Found.expected(message("keys with values"), node));
      return;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      int keyLine = Reading.line(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key) || Found.isNothing(key)) {
        reading.problem(keyLine, path, Found.expected(message("a key"), tuple.getKeyNode()));
        continue;
      }
      Entry first = entries.putIfAbsent(key.getValue(), new Entry(keyLine, tuple.getValueNode()));
      if (first != null) {
        reading.problem(
            keyLine,
            path(Found.shown(key.getValue())),
            message("written a second time; the first is in line {0}", first.line));
      }
    }
  }

  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  String path() {
    return path;
  }

  /// The keys that were asked for.
  Set<String> known() {
    return known;
  }

  /// The keys that are written.
  Set<String> keys() {
    return entries.keySet();
  }

  boolean has(String key) {
    return node(key).isPresent();
  }

  boolean hasKeys(String key) {
    return node(key).filter(MappingNode.class::isInstance).isPresent();
  }

  boolean hasText(String key) {
    return node(key)
        .filter(node -> node instanceof ScalarNode && !Found.isNothing(node))
        .isPresent();
  }

  Optional<Node> node(String key) {
    known.add(key);
    return Optional.ofNullable(entries.get(key)).map(Entry::value);
  }

  /// Where a key stands; for one that is not written, where it could.
  String origin(String key) {
    return reading.origin(line(key));
  }

  private int line(String key) {
    Entry entry = entries.get(key);
    return entry == null ? line : entry.line;
  }

  void problem(String key, Message what) {
    reading.problem(line(key), path(key), what);
  }

  void problem(Message what) {
    reading.problem(line, path, what);
  }

  /// The value of a key; empty if it is not written, or wrong.
  <T> Optional<T> given(String key, ValueType<T> type) {
    return parsed(key, type, path(key));
  }

  <T> T value(String key, ValueType<T> type, T fallback) {
    return value(key, type, fallback, EffectiveValue.DEFAULT);
  }

  /// @param origin of the fallback
  <T> T value(String key, ValueType<T> type, T fallback, String origin) {
    if (!has(key)) {
      reading.value(path(key), type.writer().apply(fallback), origin);
    }
    return given(key, type).orElse(fallback);
  }

  /// The value of a key that is written here or, for several sections, in a common one.
  <T> T value(String key, ValueType<T> type, Section common, T fallback) {
    boolean elsewhere = common.has(key);
    return elsewhere && !has(key)
        ? common.parsed(key, type, path(key)).orElse(fallback)
        : value(key, type, fallback);
  }

  private <T> Optional<T> parsed(String key, ValueType<T> type, String effectivePath) {
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return Optional.empty();
    }
    try {
      T value = type.reader().apply(node.get());
      reading.written(effectivePath, type.writer().apply(value), line(key));
      return Optional.of(value);
    } catch (InvalidValue e) {
      Node at = e.at();
      reading.problem(at == null ? line(key) : Reading.line(at), path(key), e.problem());
      return Optional.empty();
    }
  }

  /// Like [#given], but its absence is a problem.
  <T> Optional<T> required(String key, ValueType<T> type) {
    if (!has(key)) {
      problem(key, message("missing"));
    }
    return given(key, type);
  }

  /// A secret written in the file itself. An empty text in quotes is an empty secret; no text at
  /// all is a mistake. What is wrong is never shown.
  Optional<Secret> secret(String key) {
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return Optional.empty();
    }
    if (Found.isNothing(node.get())) {
      problem(key, message("expected a text, found nothing; an empty one is written \"\""));
      return Optional.empty();
    }
    if (!(node.get() instanceof ScalarNode scalar)) {
      problem(key, message("expected a text, found something else; it may need quotes"));
      return Optional.empty();
    }
    if (scalar.getValue().codePoints().anyMatch(Character::isISOControl)) {
      problem(key, message("holds a line break or control character"));
      return Optional.empty();
    }
    Secret secret = new Secret(scalar.getValue());
    reading.written(path(key), secret.isEmpty() ? "\"\"" : EffectiveValue.HIDDEN, line(key));
    return Optional.of(secret);
  }

  /// The section below a key; without any keys if it is not written.
  Section section(String key) {
    return new Section(reading, path(key), line(key), node(key));
  }

  /// The section that `instead` describes, in place of what is written below the key.
  Section section(String key, Node instead) {
    known.add(key);
    return new Section(reading, path(key), line(key), Optional.of(instead));
  }

  /// The sections of a list.
  List<Section> sections(String key) {
    Optional<Node> node = node(key);
    List<Section> found = new ArrayList<>();
    if (node.isPresent() && node.get() instanceof SequenceNode sequence) {
      for (Node each : sequence.getValue()) {
        found.add(
            new Section(
                reading,
                path(key) + "[" + (found.size() + 1) + "]",
                Reading.line(each),
                Optional.of(each)));
      }
    } else if (node.isPresent()) {
      problem(key, Found.expected(message("a list"), node.get()));
    }
    return found;
  }

  /// Reports keys that belong elsewhere.
  void refuse(Set<String> keys, Message why) {
    entries.keySet().stream()
        .filter(key -> keys.contains(key) && !known.contains(key))
        .toList()
        .forEach(key -> {
          known.add(key);
          problem(key, why);
        });
  }

  void reportUnknownKeys() {
    entries.forEach((key, entry) -> {
      if (!known.contains(key)) {
        reportUnknown(key, entry);
      }
    });
  }

  private void reportUnknown(String key, Entry entry) {
    // `{password: a,b}` has a key "b", which is half of a password and not to be shown.
    if (inBraces && (Found.isNothing(entry.value) || known.contains("password"))) {
      reading.problem(
          entry.line,
          path,
          message("holds a key that is unknown, or a value with a comma that needs quotes"));
      return;
    }
    Optional<String> meant = Found.nearest(key, known);
    reading.problem(
        entry.line,
        path(Found.shown(key)),
        meant.isPresent()
            ? message("unknown key; did you mean \"{0}\"?", meant.get())
            : message("unknown key"));
  }
}
