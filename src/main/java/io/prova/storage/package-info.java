/// Where bytes are kept. Start reading at [ObjectStore], the contract that everything in a
/// repository is to stand on: objects created once, read in part, listed, deleted. Its suite is
/// [StorageContract]; stores are in `fs/` and `memory/`, wrappers of the same type in `retry/` and
/// `limit/`.
///
/// Beside it: durable writing on a local file system ([DurableFiles]), and locks that die with
/// their owner ([FileLock]). Nothing here knows PostgreSQL.
@NullMarked
package io.prova.storage;

import org.jspecify.annotations.NullMarked;
