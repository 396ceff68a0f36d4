/// Logical backups: every database dumped with pg_dump in one snapshot that its fingerprint shares.
/// Start reading at [LogicalBackupRun].
@NullMarked
package io.prova.backup.logical;

import org.jspecify.annotations.NullMarked;
