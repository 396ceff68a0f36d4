package io.prova.verify;

import io.prova.base.Message;
import io.prova.catalog.Damage;

/// A damaged file, and what it costs.
public record Finding(Damage damage, Message cost) {}
