package io.prova.config;

import io.prova.base.Message;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/// A value is not what its key takes. Its message says what was expected and found, and shows no
/// text that may be a secret.
final class InvalidValue extends IllegalArgumentException {

  private final Message problem;
  private final @Nullable Node at;

  InvalidValue(Message problem) {
    this(problem, null);
  }

  /// @param at where it stands, if that is not simply the key's value
  InvalidValue(Message problem, @Nullable Node at) {
    super(problem.toString());
    this.problem = problem;
    this.at = at;
  }

  Message problem() {
    return problem;
  }

  @Nullable Node at() {
    return at;
  }
}
