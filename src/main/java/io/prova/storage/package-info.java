/// Where bytes are kept. Today: durable writing on a local file system ([DurableFiles]), locks that
/// die with their owner ([FileLock]).
///
/// To come here: the object-store contract `ObjectStore` (put-if-absent durable before it returns,
/// ranged read, paged list, delete, stat), with `fs/`, `memory/` and one folder for each provider,
/// and wrappers that retry, limit and inject faults. It will know nothing of PostgreSQL.
@NullMarked
package io.prova.storage;

import org.jspecify.annotations.NullMarked;
