package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.postgres.fingerprint.Fingerprint;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// Restores one database from a dump. It is loaded and validated under another name; only then it
/// gets its own, in one transaction with the renaming of the one that it replaces. Whatever fails
/// before leaves everything as it was.
public final class LogicalRestoreRun {

  private LogicalRestoreRun() {}

  /// @param keptAs the replaced database, under its new name
  public record Result(String database, Optional<String> keptAs, Validation validation) {}

  public static Result run(RestoreContext context, BackupSource source, LogicalRestorePlan plan)
      throws IOException, InterruptedException {
    DatabaseSwap swap = plan.swap();
    LogicalLoad load = new LogicalLoad(context, source, swap.server(), Optional.empty());
    LoadMark.dropLeftovers(context, swap.server());
    if (!plan.missingRoles().isEmpty()) {
      context
          .events()
          .accept(new Event.StepStarted(message("create roles {0}", plan.missingRoles())));
      load.loader().createRoles(load.globals(), plan.missingRoles());
    }
    context.events().accept(new Event.StepStarted(message("create database {0}", swap.workName())));
    boolean swapped = false;
    try {
      load.createDatabase(plan.database(), swap.workName());
      LoadMark.put(context, swap.server(), swap.workName());
      load.load(plan.database(), swap.workName(), plan.jobs());
      Optional<Fingerprint> expected =
          plan.validate() ? source.fingerprint(plan.database().name()) : Optional.empty();
      Validation validation =
          validate(context, swap, plan.database().name(), expected, BackupKind.LOGICAL);
      swap.run(context.events());
      swapped = true;
      return new Result(swap.target(), swap.keptAs(), validation);
    } finally {
      if (!swapped) {
        swap.drop(context.events());
      }
    }
  }

  /// @throws OperationFailed (VALIDATION_FAILED) if the loaded database differs from `expected`
  static Validation validate(
      RestoreContext context,
      DatabaseSwap swap,
      String database,
      Optional<Fingerprint> expected,
      BackupKind kind) {
    if (expected.isEmpty()) {
      context
          .events()
          .accept(new Event.Warned(message("the loaded data was not compared with anything")));
      return Validation.NOTHING;
    }
    Validation validation =
        Validation.run(
            Map.of(database, expected.get()),
            name -> swap.server().withDatabase(swap.workName()),
            kind,
            context.clock(),
            context.events());
    if (!validation.isEqual()) {
      throw new OperationFailed(
          Failure.VALIDATION_FAILED,
          message(
              "database {0} was loaded, but differs from what it was at backup time: {1}",
              database, validation.differences().stream().limit(10).toList()),
          message(
              "It was dropped again. prova recover takes the next best backup; --no-validate keeps it as it is."));
    }
    return validation;
  }
}
