package io.prova.drill;

import static io.prova.base.Message.message;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.base.Message;

/// How a drill ended.
public enum Verdict {
  /// Restored, started, compared: equal.
  @JsonProperty("proven")
  PROVEN,
  /// Restored and started; there was nothing to compare its data with.
  @JsonProperty("started")
  STARTED,
  /// The backup did not stand the test.
  @JsonProperty("failed")
  FAILED,
  /// The test could not be carried out: nothing is known. Never as good as passed.
  @JsonProperty("not tested")
  NOT_TESTED;

  public Message word() {
    return switch (this) {
      case PROVEN -> message("proven");
      case STARTED -> message("started, data not compared");
      case FAILED -> message("FAILED");
      case NOT_TESTED -> message("NOT TESTED");
    };
  }
}
