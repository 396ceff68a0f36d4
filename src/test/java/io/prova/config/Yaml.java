package io.prova.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assertions;

/// A configuration for a test, as `prova.yaml` in a directory of its own.
record Yaml(Path directory, Map<String, String> environment) {

  static final Path HOME = Path.of("/home/ana");

  Yaml(Path directory) {
    this(directory, Map.of());
  }

  SettingsReader reader() {
    return new SettingsReader(environment, directory, HOME, false);
  }

  LoadedSettings load(String yaml) {
    try {
      Files.write(directory.resolve("prova.yaml"), yaml.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return reader().load(Optional.empty());
  }

  ClusterSettings cluster(String yaml) {
    return load(yaml).settings().clusters().get("main");
  }

  OperationFailed failure(String yaml) {
    OperationFailed failed = catchThrowableOfType(OperationFailed.class, () -> load(yaml));
    Assertions.assertThat(failed).as("loading fails:\n" + yaml).isNotNull();
    Assertions.assertThat(failed.failure()).isEqualTo(Failure.CONFIG);
    return failed;
  }

  /// What is told, line by line.
  List<String> problems(String yaml) {
    return failure(yaml).problem().toString().lines().toList();
  }

  /// `path = value (origin)` of each value whose path begins so.
  List<String> shown(String yaml, String path) {
    return load(yaml).values().stream()
        .filter(value -> value.path().startsWith(path))
        .map(value -> value.path() + " = " + value.value() + " (" + value.origin() + ")")
        .toList();
  }
}
