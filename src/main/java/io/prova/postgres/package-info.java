/// PostgreSQL as Prova meets it: its numbers ([Lsn], [ServerVersion], [SystemIdentifier]),
/// connections (`connection/`), its own programs ([ClientTools], [ToolRun]), servers that Prova
/// starts for itself ([ScratchServer]), the service it stops and starts ([ServiceControl]), and
/// what its data looks like (`fingerprint/`). Knows nothing of backups.
@NullMarked
package io.prova.postgres;

import org.jspecify.annotations.NullMarked;
