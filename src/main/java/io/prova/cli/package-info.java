/// The command line: one class per command, from flags to a request and from a result to text or
/// JSON. Nothing is decided here. Start reading at [ProvaCommand].
@NullMarked
package io.prova.cli;

import org.jspecify.annotations.NullMarked;
