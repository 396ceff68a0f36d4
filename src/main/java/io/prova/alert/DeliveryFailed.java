package io.prova.alert;

import io.prova.base.Message;

/// A channel could not hand over a message.
final class DeliveryFailed extends Exception {

  private final transient Message problem;

  DeliveryFailed(Message problem) {
    super(problem.toString());
    this.problem = problem;
  }

  Message problem() {
    return problem;
  }
}
