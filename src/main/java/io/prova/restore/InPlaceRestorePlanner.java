package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.ConfigFile;
import io.prova.postgres.ClientTools.Tool;
import io.prova.postgres.ControlFile;
import io.prova.postgres.OsUser;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.ServiceControl;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Optional;

/// Decides what an in-place restore does, and refuses what cannot end well before anything is
/// touched.
public final class InPlaceRestorePlanner {

  private InPlaceRestorePlanner() {}

  /// @param tablespaces their original locations
  /// @param admin how to connect once the server runs again
  record Request(
      Backup backup,
      List<Path> tablespaces,
      ServiceChoice service,
      ConnectionSettings admin,
      boolean validate) {}

  /// Of a physical backup.
  public static InPlaceRestorePlan plan(
      RestoreContext context,
      Backup backup,
      ServiceChoice service,
      ConnectionSettings admin,
      boolean validate)
      throws IOException, InterruptedException {
    List<Path> tablespaces =
        backup.physical().orElseThrow().tablespaces().stream()
            .map(each -> Path.of(each.location()))
            .toList();
    return plan(context, new Request(backup, tablespaces, service, admin, validate));
  }

  static InPlaceRestorePlan plan(RestoreContext context, Request request)
      throws IOException, InterruptedException {
    Backup backup = request.backup();
    Path dataDirectory = dataDirectory(backup);
    requireSameCluster(context, dataDirectory);
    requireNoMountPoint(dataDirectory);
    OsUser owner = owner(dataDirectory, backup);
    requireMayWrite(dataDirectory, owner);
    requireMayCreate(request.tablespaces(), owner);
    PhysicalRestorePlanner.requireSpace(dataDirectory, backup);
    Optional<Path> configFile = backup.server().setting("config_file").map(Path::of);
    Optional<Path> pgCtl =
        context.tools().all("pg_ctl").stream()
            .filter(tool -> tool.version().major() == backup.server().version().major())
            .map(Tool::program)
            .findFirst();
    ServiceControl service =
        ServiceControl.of(
            request.service(),
            dataDirectory,
            configFile,
            owner,
            pgCtl,
            context.limit(),
            context.redactor());
    List<ConfigFile> missing =
        backup.configFiles().stream()
            .filter(file -> !Files.exists(Path.of(file.path())))
            // Those inside the data directory come with it.
            .filter(file ->
                backup
                    .server()
                    .dataDirectory()
                    .map(Path::of)
                    .filter(Path.of(file.path())::startsWith)
                    .isEmpty())
            .toList();
    boolean running = service.isRunning();
    if (running) {
      requireLogin(request.admin());
    }
    boolean archives = !backup.server().setting("archive_mode").orElse("off").equals("off");
    return new InPlaceRestorePlan(
        backup,
        dataDirectory,
        Files.exists(dataDirectory) && !isEmpty(dataDirectory),
        running,
        request.tablespaces(),
        missing,
        owner,
        service,
        request.admin(),
        archives,
        request.validate());
  }

  private static Path dataDirectory(Backup backup) throws IOException {
    Path recorded =
        backup
            .server()
            .dataDirectory()
            .map(Path::of)
            .orElseThrow(() ->
                new OperationFailed(
                    Failure.RESTORE_REFUSED,
                    message(
                        "backup {0} does not know where the data directory was",
                        backup.label().toString()),
                    message(
                        "Its role could not see it (it lacked pg_monitor). Restore with --to DIR.")));
    if (Files.exists(recorded)) {
      return recorded.toRealPath();
    }
    if (recorded.getParent() == null || !Files.isDirectory(recorded.getParent())) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message("the directory above the data directory {0} does not exist", recorded),
          message(
              "Is its disk mounted? Create {0} if it is gone for good.",
              String.valueOf(recorded.getParent())));
    }
    return recorded;
  }

  /// The old directory is moved aside, never deleted, but even that is done only to the cluster of
  /// this repository.
  private static void requireSameCluster(RestoreContext context, Path dataDirectory)
      throws IOException {
    if (!Files.isDirectory(dataDirectory) || isEmpty(dataDirectory)) {
      return;
    }
    Optional<ControlFile> control;
    try {
      control = ControlFile.read(dataDirectory);
    } catch (java.nio.file.AccessDeniedException e) {
      throw new OperationFailed(
          Failure.PRIVILEGE,
          message("{0} may not be read by {1}", dataDirectory, OsUser.current().name()),
          message("Run this command as root or as the data directory's owner."),
          e);
    }
    boolean looksLikeCluster =
        Files.exists(dataDirectory.resolve("PG_VERSION"))
            || Files.exists(dataDirectory.resolve("base"));
    if (control.isEmpty() && !looksLikeCluster) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message("{0} is not empty, and it is not a data directory of PostgreSQL", dataDirectory),
          message("Look at what is in it; move it away by hand if it is not needed."));
    }
    if (control.isPresent()) {
      context.repository().requireSystem(control.get().systemIdentifier());
    }
  }

  /// A mount point cannot be renamed.
  private static void requireNoMountPoint(Path dataDirectory) throws IOException {
    Path parent = dataDirectory.getParent();
    if (parent != null
        && Files.isDirectory(dataDirectory)
        && !Files.getAttribute(dataDirectory, "unix:dev")
            .equals(Files.getAttribute(parent, "unix:dev"))) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message(
              "the data directory {0} is a mount point, so it cannot be moved aside",
              dataDirectory),
          message(
              "Stop the server, move its content away by hand, then restore with --to {0} --adopt.",
              dataDirectory));
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var children = Files.list(directory)) {
      return children.findAny().isEmpty();
    }
  }

  private static OsUser owner(Path dataDirectory, Backup backup) throws IOException {
    String name =
        Files.isDirectory(dataDirectory)
            ? Files.readAttributes(dataDirectory, PosixFileAttributes.class).owner().getName()
            : backup.server().owner().orElse("postgres");
    return OsUser.find(name)
        .filter(user -> !user.isRoot())
        .orElseThrow(() ->
            new OperationFailed(
                Failure.RESTORE_REFUSED,
                message(
                    "the data directory belonged to {0}, who does not exist here or is root", name),
                message("Create that user, or install the server's package, which does.")));
  }

  private static void requireMayWrite(Path dataDirectory, OsUser owner) throws IOException {
    OsUser me = OsUser.current();
    Path parent = dataDirectory.getParent();
    boolean may =
        me.isRoot() || (me.uid() == owner.uid() && parent != null && Files.isWritable(parent));
    if (!may) {
      throw new OperationFailed(
          Failure.PRIVILEGE,
          message(
              "{0} may not replace {1}, which belongs to {2}",
              me.name(), dataDirectory, owner.name()),
          message(
              "Run this command as root, or as {0} where {0} may write above the directory.",
              owner.name()));
    }
  }

  /// Where tablespaces were that are gone. Found out late, this would look like a backup that
  /// fails, and an older one would be taken.
  private static void requireMayCreate(List<Path> tablespaces, OsUser owner) throws IOException {
    if (OsUser.current().isRoot()) {
      return;
    }
    for (Path location : tablespaces) {
      Path existing = location;
      while (!Files.exists(existing) && existing.getParent() != null) {
        existing = existing.getParent();
      }
      if (!Files.isWritable(existing)) {
        throw new OperationFailed(
            Failure.PRIVILEGE,
            message(
                "{0} may not write to {1}, where a tablespace was",
                OsUser.current().name(), location),
            message("As root: install -d -m 700 -o {0} {1}", owner.name(), location));
      }
    }
  }

  /// Who cannot log in cannot see whether the restored server is well, so the service is not
  /// stopped for it.
  private static void requireLogin(ConnectionSettings admin) {
    try (PgSession session = PgSession.connect(admin)) {
      session.yes("SELECT true");
    } catch (OperationFailed e) {
      throw PgSession.isRefusal(e)
          ? new OperationFailed(Failure.PRIVILEGE, e.problem(), e.hint().orElse(message("-")), e)
          : e;
    }
  }
}
