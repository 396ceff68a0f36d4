package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.snakeyaml.engine.v2.nodes.Node;

/// What comes of reading a configuration: the effective values, the files that hold secrets, and
/// all problems, so that they are told together.
final class Reading {

  /// So many problems at once have a common cause.
  private static final int MOST_PROBLEMS = 50;

  private final Optional<ConfigFile> file;
  private final List<EffectiveValue> values = new ArrayList<>();
  private final Set<Path> secretFiles = new LinkedHashSet<>();
  private final Set<Problem> problems = new LinkedHashSet<>();
  private final List<Section> sections = new ArrayList<>();

  private record Problem(int line, String path, Message what) {}

  /// @param file empty where there is none
  Reading(Optional<ConfigFile> file) {
    this.file = file;
  }

  static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  String origin(int line) {
    return file.map(ConfigFile::name).orElse("") + ":" + line;
  }

  void add(Section section) {
    sections.add(section);
  }

  List<Section> sections() {
    return sections;
  }

  void problem(int line, String path, Message what) {
    problems.add(new Problem(line, path, what));
  }

  /// Takes note of a value that nobody wrote.
  void value(String path, String value, String origin) {
    boolean secret = value.contains(EffectiveValue.HIDDEN) || Found.mayHoldSecret(value);
    values.add(
        new EffectiveValue(
            path,
            secret && !value.contains(EffectiveValue.HIDDEN) ? EffectiveValue.HIDDEN : value,
            origin,
            secret));
  }

  /// Takes note of a value in the file. If it may not be shown, the file is a secret's place.
  void written(String path, String value, int line) {
    value(path, value, origin(line));
    if (values.getLast().secret()) {
      file.ifPresent(each -> secretFile(each.path()));
    }
  }

  void secretFile(Path path) {
    secretFiles.add(path);
  }

  LoadedSettings loaded(Settings settings) {
    sections.forEach(Section::reportUnknownKeys);
    if (!problems.isEmpty()) {
      throw failed();
    }
    return new LoadedSettings(settings, values, List.copyOf(secretFiles));
  }

  private OperationFailed failed() {
    List<Message> lines =
        problems.stream()
            .sorted(Comparator.comparingInt(Problem::line))
            .limit(MOST_PROBLEMS)
            .map(this::told)
            .collect(Collectors.toCollection(ArrayList::new));
    if (problems.size() > MOST_PROBLEMS) {
      lines.add(message("and {0} more", problems.size() - MOST_PROBLEMS));
    }
    String oneEachLine =
        IntStream.range(0, lines.size())
            .mapToObj(i -> "{" + i + "}")
            .collect(Collectors.joining("\n"));
    return new OperationFailed(
        Failure.CONFIG,
        new Message(oneEachLine, List.copyOf(lines)),
        message("Nothing was changed. Correct the file, then try `prova config check`."));
  }

  private Message told(Problem problem) {
    String place = origin(problem.line());
    return problem.path().isEmpty()
        ? new Message("{0}: {1}", List.of(place, problem.what()))
        : new Message("{0}: {1}: {2}", List.of(place, problem.path(), problem.what()));
  }
}
