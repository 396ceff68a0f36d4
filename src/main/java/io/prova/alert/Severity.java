package io.prova.alert;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.base.Message;

/// How bad it is.
public enum Severity {
  /// Nothing is lost, but something will be if nobody looks.
  @JsonProperty("warning")
  WARNING,
  /// A backup, drill or check failed; older restore points stand.
  @JsonProperty("error")
  ERROR,
  /// The data may not be restorable now.
  @JsonProperty("critical")
  CRITICAL;

  Message word() {
    return switch (this) {
      case WARNING -> Message.message("warning");
      case ERROR -> Message.message("error");
      case CRITICAL -> Message.message("critical");
    };
  }
}
