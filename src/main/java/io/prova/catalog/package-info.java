/// What a repository contains, in PostgreSQL's words: backups by label, their proof, pins, the
/// trash. Start reading at [Repository].
@NullMarked
package io.prova.catalog;

import org.jspecify.annotations.NullMarked;
