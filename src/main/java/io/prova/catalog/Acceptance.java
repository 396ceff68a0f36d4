package io.prova.catalog;

import java.time.Instant;

/// A person's word that a suspicious backup is as it should be. Until it is given, retention stays
/// frozen.
public record Acceptance(
    int format, Label label, String backupId, Instant time, String who, String why) {}
