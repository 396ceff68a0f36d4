/// Prova: backup and proven recovery for PostgreSQL. ARCHITECTURE.md says how the packages fit
/// together.
@NullMarked
package io.prova;

import org.jspecify.annotations.NullMarked;
