package io.prova.server;

import static io.prova.base.Message.message;

import io.prova.app.Cluster;
import io.prova.app.Wiring;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.TaskGroup;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// `prova serve`: runs each cluster's jobs when they are due, until it is told to end.
public final class Server {

  private final Wiring wiring;
  private final Consumer<Message> log;

  public Server(Wiring wiring, Consumer<Message> log) {
    this.wiring = wiring;
    this.log = log;
  }

  /// Ends when the thread is interrupted; jobs that run then are ended cleanly. Ends too when the
  /// loop of any cluster dies, which only a bug or a lack of memory can do: whoever supervises us
  /// starts us anew, while a daemon that lives on without a cluster's jobs is noticed by nobody.
  ///
  /// @throws OperationFailed (BUSY) if another daemon works with the same state directory
  public void run() throws IOException, InterruptedException {
    Path state = wiring.settings().stateDirectory();
    DurableFiles.createDirectories(state);
    Path file = state.resolve("serve.lock");
    FileLock lock =
        FileLock.tryExclusive(file, "pid " + ProcessHandle.current().pid())
            .orElseThrow(() ->
                new OperationFailed(
                    Failure.BUSY,
                    message(
                        "a daemon runs already for {0}: {1}",
                        state, FileLock.holder(file).orElse("-")),
                    message("Stop it first: systemctl stop prova")));
    try (lock;
        TaskGroup group = TaskGroup.ofWaiters()) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      for (Cluster cluster : wiring.clusters()) {
        ClusterLoop loop = new ClusterLoop(wiring, cluster, log);
        ClusterWatch watch = new ClusterWatch(wiring, cluster, log);
        submit(group, loop::run, ended);
        submit(group, watch::run, ended);
      }
      log.accept(
          message(
              "prova {0} serves {1} {1|cluster|clusters}",
              wiring.surroundings().version(), wiring.clusters().size()));
      TaskGroup.join(ended); // for ever: an interrupt ends it
    } finally {
      log.accept(message("prova ends"));
    }
  }

  private static void submit(TaskGroup group, Callable<Void> work, CompletableFuture<Void> ended) {
    var _ =
        group.submit(() -> {
          try {
            return work.call();
          } catch (Throwable e) {
            ended.completeExceptionally(e);
            throw e;
          }
        });
  }
}
