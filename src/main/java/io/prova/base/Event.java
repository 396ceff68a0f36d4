package io.prova.base;

import java.util.OptionalLong;
import java.util.function.Consumer;

/// What an operation tells while it runs. Operations know neither terminal nor JSON nor log: they
/// hand events to a `Consumer<Event>` and the driver that started them shows, stores or forwards
/// them.
public sealed interface Event {

  /// A named step of the recipe begins.
  record StepStarted(Message step) implements Event {}

  /// So much of the current step is done; `total` where it is known.
  record Progress(ByteCount done, OptionalLong total) implements Event {}

  /// A fact worth keeping that is no trouble.
  record Noted(Message note) implements Event {}

  /// Something is not as it should be; the operation goes on.
  record Warned(Message warning) implements Event {}

  /// A line that another program wrote (its error output), with secrets taken out.
  record ToolSaid(String tool, String line) implements Event {}

  /// Takes events and drops them.
  static Consumer<Event> nowhere() {
    return event -> {};
  }
}
