/// Restore tests: a backup is restored into a scratch place, PostgreSQL is started on it, its data
/// is compared with what it was at backup time, and the result is kept as evidence. Start reading
/// at [DrillRun].
@NullMarked
package io.prova.drill;

import org.jspecify.annotations.NullMarked;
