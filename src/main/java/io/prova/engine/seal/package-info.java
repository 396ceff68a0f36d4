/// Sealed objects: encrypted in the age v1 format, for recipients whose secret keys need not be
/// here, and readable in part. Start reading at [io.prova.engine.seal.Seal], which writes, and
/// [io.prova.engine.seal.SealedObjectStore], which reads too.
///
/// Source: the age specification, c2sp.org/age. What is here is its X25519 recipients only; any
/// other stanza in a header is skipped.
@NullMarked
package io.prova.engine.seal;

import org.jspecify.annotations.NullMarked;
