/// Not built yet: the physical engine. It will turn a cluster's files into packs (zstd-compressed
/// tars that can be read in part), layers (a whole segment, or changed pages) and a manifest that
/// says which layers make up each file, sealed where encryption is on; and back again.
///
/// Its place is fixed: above `storage`, which it only knows by its contract, and beside `postgres`,
/// which it does not know at all. `backup.physical` will hand it streams and get back what to write
/// into `backup.json`; pg_basebackup's plain directory stays as the plan's letter.
@NullMarked
package io.prova.engine;

import org.jspecify.annotations.NullMarked;
