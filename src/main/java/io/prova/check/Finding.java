package io.prova.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.base.Message;
import java.util.List;
import java.util.Optional;

/// One fact about the set-up.
///
/// @param subject what was looked at
/// @param fact what was found
/// @param hint what to think of before typing anything, or where there is nothing to type
/// @param mend what to type to mend it, each a line that a shell takes as it stands; empty when
///   there is nothing to mend, or nothing that can be typed
public record Finding(
    Severity severity, Message subject, Message fact, Optional<Message> hint, List<String> mend) {

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
