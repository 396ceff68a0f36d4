package io.prova.catalog;

import io.prova.base.Message;
import io.prova.base.Spoken;
import java.io.IOException;

/// A whole object of a format version that this program does not know: a newer Prova wrote it.
public final class UnknownFormatException extends IOException implements Spoken {

  private final Message problem;

  public UnknownFormatException(Message problem) {
    super(problem.toString());
    this.problem = problem;
  }

  @Override
  public Message problem() {
    return problem;
  }
}
