/// Packs: zstd-compressed tars that can be read in part. Start reading at
/// [io.prova.engine.pack.PackIndex], which says what stands behind the frames; docs/format.md draws
/// it byte by byte.
@NullMarked
package io.prova.engine.pack;

import org.jspecify.annotations.NullMarked;
