/// How to reach a server, as psql's users expect it: URIs, keyword strings, `PG*` variables,
/// service files and `.pgpass`, with the same precedence. Start reading at [ConnectionResolver].
@NullMarked
package io.prova.postgres.connection;

import org.jspecify.annotations.NullMarked;
