package io.prova.drill;

import com.fasterxml.jackson.annotation.JsonProperty;

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
  NOT_TESTED
}
