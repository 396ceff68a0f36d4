/// The physical engine: turns files into packs and a manifest ([Packer]), and back ([Unpacker]).
/// Formats are in `pack/` and `layer/`, encryption is in `seal/`.
///
/// It stands above `storage`, which it only knows by its contract, and beside `postgres`, which it
/// does not know at all: `backup.physical` hands it files and looks at their pages.
@NullMarked
package io.prova.engine;

import org.jspecify.annotations.NullMarked;
