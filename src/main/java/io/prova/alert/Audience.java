package io.prova.alert;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Whom an alert concerns.
public enum Audience {
  @JsonProperty("team")
  TEAM,
  @JsonProperty("administrators")
  ADMINISTRATORS
}
