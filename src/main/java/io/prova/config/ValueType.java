package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Durations;
import io.prova.base.Message;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// What a key takes: how it is read from the file, and how it is written for `prova config show`.
///
/// Texts are taken as they stand in the file, whatever else YAML would see in them: `no` is a
/// user's name where a name is expected, and `02:00` never becomes a number.
///
/// @param reader throws [InvalidValue]
record ValueType<T>(Function<Node, T> reader, Function<T, String> writer) {

  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_BLOCK = 65_536;

  static final ValueType<String> TEXT = text(message("a text"), text -> true);

  /// Text that may have several lines.
  static final ValueType<String> TEXT_BLOCK =
      new ValueType<>(node -> scalar(node, message("a text"), LONGEST_BLOCK), text -> text);

  static final ValueType<Boolean> SWITCH =
      words(
          Map.of("true", true, "on", true, "yes", true, "false", false, "off", false, "no", false),
          on -> on ? "true" : "false");

  static final ValueType<Path> PATH =
      parsed(
          message("a path that begins with \"/\""),
          text -> {
            Path path = Path.of(text).normalize();
            if (!path.isAbsolute()) {
              throw new IllegalArgumentException("relative: " + path);
            }
            return path;
          },
          Path::toString);

  static final ValueType<ZoneId> ZONE = new ValueType<>(ValueType::zone, ZoneId::getId);

  private static final Message ZONE_EXPECTED = message("a time zone such as \"America/Sao_Paulo\"");

  /// @param check of a text that is not blank and holds no control characters
  static ValueType<String> text(Message expected, Predicate<String> check) {
    return new ValueType<>(
        node -> {
          String text = line(node, expected);
          if (!check.test(text)) {
            throw new InvalidValue(Found.expected(expected, node), node);
          }
          return text;
        },
        text -> text);
  }

  /// @param parser throws IllegalArgumentException or ArithmeticException for what it does not take
  static <T> ValueType<T> parsed(
      Message expected, Function<String, T> parser, Function<T, String> writer) {
    return new ValueType<>(
        node -> {
          try {
            return parser.apply(line(node, expected));
          } catch (InvalidValue e) {
            throw e;
          } catch (IllegalArgumentException | ArithmeticException e) {
            throw new InvalidValue(Found.expected(expected, node), node);
          }
        },
        writer);
  }

  static ValueType<Integer> number(int least, int most) {
    return parsed(
        message("a number from {0} to {1}", least, most),
        text -> within(Integer.valueOf(text), least, most),
        number -> Integer.toString(number));
  }

  static ValueType<Duration> duration(Duration least, Duration most) {
    Message expected =
        message(
            "a length of time from {0} to {1}, such as \"90 min\" or \"12 h\"",
            written(least), written(most));
    return parsed(expected, text -> within(Durations.parse(text), least, most), ValueType::written);
  }

  static ValueType<ByteCount> size(ByteCount least, ByteCount most) {
    Message expected =
        message("a size from {0} to {1}, such as \"50 MB\"", written(least), written(most));
    return parsed(expected, text -> within(ByteCount.parse(text), least, most), ValueType::written);
  }

  private static <T extends Comparable<T>> T within(T value, T least, T most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException("out of range: " + value);
    }
    return value;
  }

  /// One of an enum's names.
  static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
    Function<E, String> name = each -> each.name().toLowerCase(Locale.ROOT);
    return words(
        Stream.of(type.getEnumConstants()).collect(Collectors.toMap(name, each -> each)), name);
  }

  private static <T> ValueType<T> words(Map<String, T> words, Function<T, String> writer) {
    List<String> known = words.keySet().stream().sorted().toList();
    Message expected = message("one of {0}", known);
    return new ValueType<>(
        node -> {
          String word = line(node, expected).toLowerCase(Locale.ROOT);
          T value = words.get(word);
          if (value != null) {
            return value;
          }
          Message problem = Found.expected(expected, node);
          throw new InvalidValue(
              Found.nearest(word, known)
                  .map(meant -> message("{0}; did you mean \"{1}\"?", problem, meant))
                  .orElse(problem),
              node);
        },
        writer);
  }

  /// The same type, where certain words say that there is no such value.
  ValueType<Optional<T>> or(String word, String... others) {
    Set<String> none = new HashSet<>(Set.of(others));
    none.add(word);
    return new ValueType<>(
        node ->
            node instanceof ScalarNode scalar
                    && none.contains(scalar.getValue().toLowerCase(Locale.ROOT))
                ? Optional.empty()
                : Optional.of(reader.apply(node)),
        value -> value.map(writer).orElse(word));
  }

  /// The same type for values that may be secrets: what is wrong is not shown.
  ValueType<T> unseen(Message expected) {
    return new ValueType<>(
        node -> {
          try {
            return reader.apply(node);
          } catch (InvalidValue e) {
            throw new InvalidValue(
                message(
                    "expected {0}; what stands there is not shown, as it may be secret", expected),
                node);
          }
        },
        writer);
  }

  /// A list of such values; a single one need not stand in brackets.
  ValueType<List<T>> list() {
    return new ValueType<>(
        node ->
            node instanceof SequenceNode sequence
                ? sequence.getValue().stream().map(reader).toList()
                : List.of(reader.apply(node)),
        values -> values.stream().map(writer).collect(Collectors.joining(", ", "[", "]")));
  }

  private static ZoneId zone(Node node) {
    String text = line(node, ZONE_EXPECTED);
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      Message problem = Found.expected(ZONE_EXPECTED, node);
      throw new InvalidValue(
          Found.nearest(text, ZoneId.getAvailableZoneIds())
              .map(meant -> message("{0}; did you mean \"{1}\"?", problem, meant))
              .orElse(problem),
          node);
    }
  }

  private static String line(Node node, Message expected) {
    String text = scalar(node, expected, LONGEST_LINE);
    if (text.codePoints().anyMatch(Character::isISOControl)) {
      throw new InvalidValue(
          message("expected {0}, found a line break or control character", expected), node);
    }
    return text;
  }

  private static String scalar(Node node, Message expected, int longest) {
    if (!(node instanceof ScalarNode scalar)
        || Found.isNothing(node)
        || scalar.getValue().isBlank()) {
      throw new InvalidValue(Found.expected(expected, node), node);
    }
    if (scalar.getValue().length() > longest) {
      throw new InvalidValue(
          message("expected {0}, found one of more than {1} characters", expected, longest), node);
    }
    return scalar.getValue();
  }

  /// With the largest unit that leaves no rest: `12 h`, `90 min`.
  private static String written(Duration length) {
    long seconds = length.toSeconds();
    if (seconds != 0 && seconds % 86_400 == 0) {
      return seconds / 86_400 + " d";
    }
    if (seconds != 0 && seconds % 3_600 == 0) {
      return seconds / 3_600 + " h";
    }
    return seconds != 0 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
  }

  private static String written(ByteCount size) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    long amount = size.bytes();
    int unit = 0;
    while (amount != 0 && amount % 1024 == 0 && unit < units.length - 1) {
      amount /= 1024;
      unit++;
    }
    return amount + " " + units[unit];
  }
}
