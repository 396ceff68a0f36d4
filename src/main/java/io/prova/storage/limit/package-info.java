/// A store that moves no more than so many bytes a second.
@NullMarked
package io.prova.storage.limit;

import org.jspecify.annotations.NullMarked;
