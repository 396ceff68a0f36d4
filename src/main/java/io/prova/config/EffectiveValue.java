package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;

/// One value of the configuration, as `prova config show` lists it.
///
/// @param path of the key, such as `clusters.main.logical.jobs`; without `clusters.main` where the
///   file names no clusters
/// @param value as one would write it; `(secret)` stands for what must not be shown
/// @param origin `default`, file and line such as `prova.yaml:12`, or a variable such as
///   `$PROVA_MAIL_PASSWORD`
/// @param secret whether something is hidden
public record EffectiveValue(String path, String value, String origin, boolean secret) {

  static final String HIDDEN = "(secret)";
  static final String DEFAULT = "default";

  public Message spokenOrigin() {
    return origin.equals(DEFAULT) ? message("default") : message("{0}", origin);
  }
}
