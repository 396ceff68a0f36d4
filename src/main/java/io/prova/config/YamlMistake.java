package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/// What a person most likely did wrong where the YAML library gives up.
///
/// The words are ours and not the library's, because its own quote the text around the mistake,
/// which may be a password.
record YamlMistake(Optional<Mark> at, Message problem) {

  static YamlMistake of(MarkedYamlEngineException e) {
    String context = Optional.ofNullable(e.getContext()).orElse("");
    String problem = Optional.ofNullable(e.getProblem()).orElse("");
    Optional<YamlMistake> inContext =
        ofContext(context, problem)
            .map(found -> new YamlMistake(e.getContextMark().or(e::getProblemMark), found));
    return inContext.orElseGet(() -> new YamlMistake(e.getProblemMark(), ofProblem(problem)));
  }

  /// Mistakes that are best shown where the thing begins that the library was reading.
  private static Optional<Message> ofContext(String context, String problem) {
    if (problem.contains("unknown escape")) {
      return Optional.of(
          message("a \"\\\" in double quotes is written twice; in single quotes it is itself"));
    }
    return switch (context) {
      case "while scanning an alias" -> Optional.of(unquoted('*'));
      case "while scanning an anchor" -> Optional.of(unquoted('&'));
      case "while scanning a tag" -> Optional.of(unquoted('!'));
      case "while scanning a directive" -> Optional.of(unquoted('%'));
      case "while scanning a block scalar" ->
          Optional.of(message("a value that begins with \"|\" or \">\" must stand in quotes"));
      case "while scanning a quoted scalar", "while scanning a double-quoted scalar" ->
          Optional.of(message("a quote that is opened here is not closed"));
      case "while parsing a flow sequence", "while parsing a flow mapping" ->
          Optional.of(message("a bracket that is opened here is not closed"));
      case "while scanning a simple key" -> Optional.of(message("a key without a \":\" after it"));
      default -> Optional.empty();
    };
  }

  private static Message ofProblem(String problem) {
    if (problem.contains("(TAB)")) {
      return message("a tab; lines are indented with blanks");
    }
    if (problem.contains("cannot start any token")) {
      return unquoted(problem.charAt(problem.indexOf('\'') + 1));
    }
    if (problem.startsWith("mapping values")) {
      return message("a \": \" inside a value without quotes, or a wrong indentation");
    }
    if (problem.contains("<block end>")) {
      return message("indented unlike the lines around it");
    }
    return message("not valid YAML");
  }

  static Message unquoted(char first) {
    return message("a value that begins with \"{0}\" must stand in quotes", first);
  }
}
