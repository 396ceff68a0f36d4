/// The object store on a directory of the local file system. Start reading at
/// [io.prova.storage.fs.LocalObjectStore].
@NullMarked
package io.prova.storage.fs;

import org.jspecify.annotations.NullMarked;
