/// Reading stored backups back and proving their bytes. Start reading at [VerifyRun].
@NullMarked
package io.prova.verify;

import org.jspecify.annotations.NullMarked;
