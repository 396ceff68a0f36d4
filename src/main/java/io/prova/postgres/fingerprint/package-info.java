/// What the data of a database looks like, small enough to keep beside a backup and strong enough
/// to tell whether a restored copy holds the same: row counts and order-independent digests per
/// table, sequences, counts of objects.
///
/// [FingerprintSession] takes one inside a snapshot, [ChangedRelations] finds out from WAL which
/// tables stayed quiet during a physical backup, [FingerprintComparison] says where two differ.
@NullMarked
package io.prova.postgres.fingerprint;

import org.jspecify.annotations.NullMarked;
