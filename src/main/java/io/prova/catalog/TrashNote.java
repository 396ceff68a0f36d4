package io.prova.catalog;

import java.time.Instant;

/// Why and when a backup went to the trash, beside it.
public record TrashNote(
    int format,
    BackupKind kind,
    Label label,
    String backupId,
    Instant trashedAt,
    String operation,
    String reason) {}
