/// Physical backups: the whole cluster copied with pg_basebackup, verified, with the configuration
/// that lies outside its data directory. Start reading at [PhysicalBackupRun].
@NullMarked
package io.prova.backup.physical;

import org.jspecify.annotations.NullMarked;
