/// An object store that forgets: for tests, and for trying things out. It keeps the contract to the
/// letter.
@NullMarked
package io.prova.storage.memory;

import org.jspecify.annotations.NullMarked;
