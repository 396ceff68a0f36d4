package io.prova.config;

import java.nio.file.Path;

/// A configuration file.
///
/// @param path absolute
/// @param name as the user calls it, which is what messages show
record ConfigFile(Path path, String name) {}
