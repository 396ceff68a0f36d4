package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// The user's own programs: a list of a program and its arguments, or a string that is split at
/// blanks. No shell runs them, so a string that counts on one is refused.
final class Command {

  private static final Message EXPECTED =
      message("a program with its arguments, such as \"/usr/local/bin/tell team\" or a list");
  private static final Pattern NEEDS_SHELL = Pattern.compile("[\"'`|&;<>$\\\\]");

  static final ValueType<List<String>> SHOWN = type(command -> String.join(" ", command));

  /// Its arguments may hold a token.
  static final ValueType<List<String>> WITHOUT_ARGUMENTS =
      type(command -> command.size() == 1 ? command.getFirst() : command.getFirst() + " …");

  private Command() {}

  private static ValueType<List<String>> type(Function<List<String>, String> writer) {
    return new ValueType<>(Command::read, writer);
  }

  private static List<String> read(Node node) {
    if (node instanceof SequenceNode sequence && !sequence.getValue().isEmpty()) {
      return sequence.getValue().stream().map(ValueType.TEXT.reader()).toList();
    }
    if (!(node instanceof ScalarNode)) {
      throw new InvalidValue(Found.expected(EXPECTED, node), node);
    }
    String text = ValueType.text(EXPECTED, each -> true).reader().apply(node);
    if (NEEDS_SHELL.matcher(text).find()) {
      throw new InvalidValue(
          message("no shell runs this: write a list of the program and its arguments"), node);
    }
    return List.of(text.strip().split("\\s+", -1));
  }
}
