/// What is kept, for how long and why ([RetentionPolicy], [RetentionPlanner]), and letting go of
/// the rest ([ExpireRun]). Doubt deletes nothing.
@NullMarked
package io.prova.retention;

import org.jspecify.annotations.NullMarked;
