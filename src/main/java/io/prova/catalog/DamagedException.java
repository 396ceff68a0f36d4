package io.prova.catalog;

import io.prova.base.Message;
import io.prova.base.Spoken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What was read is not what was written. Not to be mistaken for a format that is too new, nor for
/// a bug of ours.
public final class DamagedException extends IOException implements Spoken {

  private final Message problem;

  public DamagedException(Message problem) {
    this(problem, null);
  }

  public DamagedException(Message problem, @Nullable Throwable cause) {
    super(problem.toString(), cause);
    this.problem = problem;
  }

  @Override
  public Message problem() {
    return problem;
  }
}
