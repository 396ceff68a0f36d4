/// Whether the set-up works, and what to type where it does not. Start reading at [CheckRun].
@NullMarked
package io.prova.check;

import org.jspecify.annotations.NullMarked;
