package io.prova.config;

import io.prova.alert.AlertOptions;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Optional;
import java.util.SortedMap;

/// The whole configuration, checked and complete.
///
/// @param file where it came from; empty when there is none and everything is at its default
/// @param zone the time zone of labels, schedules and shown times
/// @param stateDirectory for what is not in a repository: logs, alerts not yet sent
/// @param clusters by name; at least one
public record Settings(
    Optional<Path> file,
    ZoneId zone,
    Path stateDirectory,
    SortedMap<String, ClusterSettings> clusters,
    AlertOptions alerts) {}
