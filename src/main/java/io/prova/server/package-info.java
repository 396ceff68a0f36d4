/// The long-running process. Today: the schedule, missed runs caught up, restore tests, alerts for
/// the run that never started ([Server]). To come here: the WAL receiver, the API and the console.
@NullMarked
package io.prova.server;

import org.jspecify.annotations.NullMarked;
