package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.BackupKind;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ScratchServer;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Restores a physical backup into an empty directory.
public final class PhysicalRestoreRun {

  private PhysicalRestoreRun() {}

  public record Result(Path dataDirectory, Validation validation) {}

  public static Result run(RestoreContext context, BackupSource source, PhysicalRestorePlan plan)
      throws IOException, InterruptedException {
    UnfinishedCopy.remove(context, plan.target());
    for (Path place : plan.tablespaces().values()) {
      UnfinishedCopy.remove(context, place);
    }
    boolean complete = false;
    try {
      PhysicalCopy.run(
          context,
          source,
          new PhysicalCopy.Places(plan.target(), plan.tablespaces(), plan.owner()),
          place -> UnfinishedCopy.begin(context, place, plan.backup().label()),
          copy -> {
            if (!plan.adopt()) {
              InertCopy.make(copy, plan.owner());
            }
            InertCopy.addConfiguration(source, copy, plan.owner());
            UnfinishedCopy.hold(copy);
          });
      Validation validation =
          plan.validate() ? validate(context, source, plan) : Validation.NOTHING;
      if (!validation.isEqual()) {
        throw new OperationFailed(
            Failure.VALIDATION_FAILED,
            message(
                "the restored copy differs from what was backed up: {0}",
                validation.differences().stream().limit(10).toList()),
            message(
                "It was removed. prova recover takes the next best backup; --no-validate keeps it as it is."));
      }
      UnfinishedCopy.finish(plan.target(), plan.tablespaces().values());
      complete = true;
      return new Result(plan.target(), validation);
    } finally {
      if (!complete) {
        removeUnfinished(context, plan);
      }
    }
  }

  /// Starts a server on the copy, which lets it recover, and compares. It is stopped in order, so
  /// the copy is afterwards a cleanly shut down data directory.
  private static Validation validate(
      RestoreContext context, BackupSource source, PhysicalRestorePlan plan)
      throws IOException, InterruptedException {
    context
        .events()
        .accept(new Event.StepStarted(message("start a server on the copy, to validate it")));
    int major = source.backup().server().version().major();
    Path postgres = context.tools().forServer("postgres", major).program();
    try (ScratchPlace place = ScratchPlace.create(plan.scratch(), plan.owner());
        ScratchServer server =
            ScratchServer.start(
                new ScratchServer.Start(
                    postgres,
                    place,
                    plan.target(),
                    source.backup().server().superuser(),
                    RecoverySettings.of(source.backup()),
                    context.limit(),
                    true),
                context.redactor())) {
      return Validation.run(
          source.fingerprints(),
          server::connection,
          BackupKind.PHYSICAL,
          context.clock(),
          context.events());
    }
  }

  /// Only what this run made: the places were empty when it began.
  private static void removeUnfinished(RestoreContext context, PhysicalRestorePlan plan)
      throws IOException {
    context.events().accept(new Event.StepStarted(message("remove the unfinished copy")));
    List<Path> places = new ArrayList<>(plan.tablespaces().values());
    places.add(plan.target());
    for (Path place : places) {
      UnfinishedCopy.empty(place);
      DurableFiles.deleteTree(place);
    }
  }
}
