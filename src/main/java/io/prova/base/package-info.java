/// The ground everything stands on: messages in the user's language, failures with exit codes,
/// sizes, digests, events. No domain: nothing here knows PostgreSQL, a repository or a backup.
///
/// Start reading at [Message] (how the product speaks) and [OperationFailed] (how it fails).
@NullMarked
package io.prova.base;

import org.jspecify.annotations.NullMarked;
