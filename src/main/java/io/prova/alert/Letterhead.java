package io.prova.alert;

import io.prova.base.Language;
import java.time.ZoneId;

/// How all our messages are written.
///
/// @param zone in which times are shown
/// @param host the machine they come from
public record Letterhead(Language language, ZoneId zone, String host) {}
