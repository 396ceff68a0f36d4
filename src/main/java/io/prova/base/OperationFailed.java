package io.prova.base;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An operation could not do what was asked. Shown to the user once, in `Main`: what is wrong,
/// where, what was expected and found; and, as the hint, what to do next.
public final class OperationFailed extends RuntimeException implements Spoken {

  private final Failure failure;
  private final Message problem;
  private final @Nullable Message hint;

  public OperationFailed(
      Failure failure, Message problem, @Nullable Message hint, @Nullable Throwable cause) {
    super(problem.toString(), cause);
    this.failure = failure;
    this.problem = problem;
    this.hint = hint;
  }

  public OperationFailed(Failure failure, Message problem, Message hint) {
    this(failure, problem, hint, null);
  }

  public OperationFailed(Failure failure, Message problem) {
    this(failure, problem, null, null);
  }

  public Failure failure() {
    return failure;
  }

  @Override
  public Message problem() {
    return problem;
  }

  public Optional<Message> hint() {
    return Optional.ofNullable(hint);
  }
}
