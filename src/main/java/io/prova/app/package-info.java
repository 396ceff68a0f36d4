/// Where everything is joined: [Wiring] constructs, [Operations] runs what the commands and the
/// daemon ask for, with its entries in the journal, its log and its alerts.
@NullMarked
package io.prova.app;

import org.jspecify.annotations.NullMarked;
