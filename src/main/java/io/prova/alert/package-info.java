/// Who is told what, and by which way: e-mail, webhook, own command, and the ping that stops when
/// we do. Start reading at [Alerts].
@NullMarked
package io.prova.alert;

import org.jspecify.annotations.NullMarked;
