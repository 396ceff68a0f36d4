package io.prova.catalog;

import java.time.Instant;

/// A hold on a backup that no retention policy overrides.
public record Pin(int format, Label label, String backupId, Instant time, String who, String why) {}
