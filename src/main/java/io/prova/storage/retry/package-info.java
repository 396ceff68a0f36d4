/// A store that tries again what failed for a passing reason.
@NullMarked
package io.prova.storage.retry;

import org.jspecify.annotations.NullMarked;
