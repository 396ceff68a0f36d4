/// `prova demo`: the whole plan on a scratch cluster, by the program's own commands. A driver: it
/// may use everything.
@NullMarked
package io.prova.demo;

import org.jspecify.annotations.NullMarked;
