/// Shows that memory does not grow with what is backed up: programs that do the work of very large
/// clusters, run in processes of little memory. Start reading at [io.prova.memory.MemoryBoundTest].
@org.jspecify.annotations.NullMarked
package io.prova.memory;
