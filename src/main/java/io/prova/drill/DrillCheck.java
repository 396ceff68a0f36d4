package io.prova.drill;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.base.Message;
import java.util.List;

/// One thing that a drill looked at.
///
/// @param name what was checked
/// @param summary the result in one sentence
/// @param details what is wrong, or worth knowing
public record DrillCheck(Message name, Outcome outcome, Message summary, List<Message> details) {

  public enum Outcome {
    @JsonProperty("passed")
    PASSED,
    @JsonProperty("failed")
    FAILED,
    /// Could not be checked.
    @JsonProperty("not tested")
    NOT_TESTED
  }
}
