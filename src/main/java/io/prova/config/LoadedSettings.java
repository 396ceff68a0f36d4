package io.prova.config;

import java.nio.file.Path;
import java.util.List;

/// The settings, and what there is to tell about them.
///
/// @param values every effective value, in the order of the documentation
/// @param secretFiles the files that hold a secret, the configuration itself included if it does:
///   nobody else should be able to read them
public record LoadedSettings(
    Settings settings, List<EffectiveValue> values, List<Path> secretFiles) {

  public LoadedSettings {
    values = List.copyOf(values);
    secretFiles = List.copyOf(secretFiles);
  }
}
