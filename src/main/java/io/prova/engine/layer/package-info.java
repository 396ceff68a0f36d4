/// The manifest: which layers, in which packs, make up each file. Start reading at
/// [io.prova.engine.layer.ManifestLine].
@NullMarked
package io.prova.engine.layer;

import org.jspecify.annotations.NullMarked;
