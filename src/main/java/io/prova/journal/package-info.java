/// The journal: everything that was done, by whom, with which result, in one append-only file of
/// JSON Lines whose records are chained by their digests, so that nobody can edit, remove, insert
/// or reorder one unnoticed.
///
/// Start reading at [Journal].
@NullMarked
package io.prova.journal;

import org.jspecify.annotations.NullMarked;
