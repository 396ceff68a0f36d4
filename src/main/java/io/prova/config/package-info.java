/// The configuration: one page of YAML with everything defaulted to the plan, read into immutable
/// [Settings]. Errors name file and line, what was expected and the nearest right name. Start
/// reading at [SettingsReader].
@NullMarked
package io.prova.config;

import org.jspecify.annotations.NullMarked;
