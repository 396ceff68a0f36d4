/// Who is told what, and by which way: e-mail, webhook, own command, and the ping that stops when
/// we do. Start reading at [Alerts].
///
/// A caller describes what happened as an [Incident]; it becomes an [Alert], a file that is there
/// before anything is sent; its notices go through one [Channel] for each recipient.
@NullMarked
package io.prova.alert;

import org.jspecify.annotations.NullMarked;
