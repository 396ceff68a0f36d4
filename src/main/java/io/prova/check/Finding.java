package io.prova.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.base.Message;
import java.util.List;

/// One fact about the set-up.
///
/// @param subject what was looked at
/// @param fact what was found
/// @param mend what to type to mend it, each line by itself; empty when there is nothing to mend
public record Finding(Severity severity, Message subject, Message fact, List<Message> mend) {

  public enum Severity {
    @JsonProperty("ok")
    OK,
    /// Works, but not as well or as safely as it could.
    @JsonProperty("warning")
    WARNING,
    /// Does not work.
    @JsonProperty("error")
    ERROR,
    /// Could not be looked at: not good, not bad, unknown.
    @JsonProperty("unknown")
    UNKNOWN
  }
}
