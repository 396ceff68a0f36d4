package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.ConfigFile;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Repository;
import io.prova.postgres.ControlFile;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.ScratchServer;
import io.prova.postgres.ServiceChoice;
import io.prova.postgres.connection.ConnectionSettings;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Builds a whole cluster anew from a logical backup, where the old one was: the fall-back when no
/// physical backup does.
///
/// The new cluster is made, filled and compared on a private socket first; only then the service is
/// stopped and the directories change places, as in every in-place restore.
public final class ClusterRebuild {

  private ClusterRebuild() {}

  /// @param backups the connection that backups are taken with: where the roles' passwords are not
  ///   in the backup, at least this one is set again, since it is known
  /// @param scratch where a private socket may be put
  public static InPlaceRestoreRun.Result run(
      RestoreContext context,
      BackupSource source,
      ServiceChoice service,
      ConnectionSettings admin,
      ConnectionSettings backups,
      Path scratch)
      throws IOException, InterruptedException {
    InPlaceRestorePlan plan = plan(context, source, service, admin);
    Filled filling = new Filled(context, source, plan, backups, scratch);
    InPlaceRestoreRun.Result result = InPlaceRestoreRun.run(context, source, plan, filling);
    adopt(context, plan);
    return result;
  }

  static InPlaceRestorePlan plan(
      RestoreContext context, BackupSource source, ServiceChoice service, ConnectionSettings admin)
      throws IOException, InterruptedException {
    LogicalLoad probe = new LogicalLoad(context, source, admin, Optional.empty());
    List<Path> tablespaces = List.copyOf(probe.globals().tablespaceLocations().values());
    return InPlaceRestorePlanner.plan(
        context,
        new InPlaceRestorePlanner.Request(source.backup(), tablespaces, service, admin, true));
  }

  /// The new cluster has an identifier of its own, and the repository must go on with it.
  private static void adopt(RestoreContext context, InPlaceRestorePlan plan) throws IOException {
    Optional<ControlFile> control = ControlFile.read(plan.dataDirectory());
    if (control.isPresent()) {
      Repository repository = context.repository();
      repository.adopt(
          control.get().systemIdentifier(),
          context.clock().instant(),
          OsUser.current().name(),
          "rebuilt from a logical backup, operation " + context.operation());
    }
  }

  /// Makes the new data directory by initdb and fills it from the dumps.
  private static final class Filled implements InPlaceRestoreRun.Filling {

    private final RestoreContext context;
    private final BackupSource source;
    private final InPlaceRestorePlan plan;
    private final ConnectionSettings backups;
    private final Path scratch;
    private Validation validation = Validation.NOTHING;

    Filled(
        RestoreContext context,
        BackupSource source,
        InPlaceRestorePlan plan,
        ConnectionSettings backups,
        Path scratch) {
      this.context = context;
      this.source = source;
      this.plan = plan;
      this.backups = backups;
      this.scratch = scratch;
    }

    @Override
    public void fill(Path staged, Map<Path, Path> tablespaces)
        throws IOException, InterruptedException {
      Backup backup = source.backup();
      ScratchCluster.initdb(context, backup, plan.owner(), staged, initdbOptions());
      for (Path place : tablespaces.values()) {
        Files.createDirectory(place);
        Files.setPosixFilePermissions(place, DurableFiles.OWNER_DIRECTORY);
        ScratchPlace.give(place, plan.owner());
      }
      Path postgres =
          ScratchCluster.serverProgram(context, backup.server().version().major()).program();
      try (ScratchPlace place = ScratchPlace.create(scratch, plan.owner());
          ScratchServer server =
              ScratchServer.start(
                  new ScratchServer.Start(
                      postgres,
                      place,
                      staged,
                      backup.server().superuser(),
                      Map.of(),
                      context.limit(),
                      true),
                  context.redactor())) {
        load(server, place, tablespaces);
        validation =
            Validation.run(
                source.fingerprints(),
                server::connection,
                BackupKind.LOGICAL,
                context.clock(),
                context.events());
        if (!validation.isEqual()) {
          throw new OperationFailed(
              Failure.VALIDATION_FAILED,
              message(
                  "the rebuilt cluster differs from what was backed up: {0}",
                  validation.differences().stream().limit(10).toList()),
              message("Nothing was replaced. prova recover takes the next best backup."));
        }
      }
      restoreInnerConfig(staged);
    }

    /// As the maintenance database was, which is what initdb's locale and encoding are for.
    private List<String> initdbOptions() throws IOException {
      Optional<Fingerprint> fingerprint = source.fingerprint("postgres");
      String encoding = fingerprint.map(Fingerprint::encoding).orElse("UTF8");
      String collate = fingerprint.map(Fingerprint::collate).orElse("C");
      String ctype = fingerprint.map(Fingerprint::ctype).orElse("C");
      boolean checksums =
          source.backup().server().setting("data_checksums").orElse("on").equals("on");
      return List.of(
          "--encoding=" + encoding,
          "--lc-collate=" + collate,
          "--lc-ctype=" + ctype,
          "--auth-local=peer",
          "--auth-host=scram-sha-256",
          checksums ? "--data-checksums" : "--no-instructions");
    }

    private void load(ScratchServer server, ScratchPlace place, Map<Path, Path> tablespaces)
        throws IOException, InterruptedException {
      LogicalLoad load =
          new LogicalLoad(
              context, source, server.connection(ScratchCluster.MAINTENANCE), Optional.of(place));
      GlobalsScript globals = load.globals();
      load.loader().createAllRoles(globals);
      if (!source.backup().logical().orElseThrow().rolePasswords()) {
        setPasswords(server);
      }
      Map<String, Path> places = new LinkedHashMap<>();
      globals
          .tablespaceLocations()
          .forEach((name, location) ->
              Optional.ofNullable(tablespaces.get(location))
                  .ifPresent(staged -> places.put(name, staged)));
      load.loader().createTablespaces(places);
      load.loader().alterOthers(globals);
      for (DumpedDatabase database : source.backup().logical().orElseThrow().databases()) {
        ScratchCluster.dropInitial(server, database.name());
        load.createDatabase(database, database.name());
        load.load(database, database.name(), RestoredServer.jobs());
      }
    }

    private void setPasswords(ScratchServer server) {
      try (PgSession session = PgSession.connect(server.connection(ScratchCluster.MAINTENANCE))) {
        List<String> without =
            new ArrayList<>(
                session.query(
                    "SELECT rolname FROM pg_catalog.pg_authid WHERE rolcanlogin AND rolpassword IS NULL ORDER BY 1",
                    row -> row.getString(1)));
        if (backups.password().isPresent() && without.remove(backups.user())) {
          session.execute(
              "ALTER ROLE %s PASSWORD %s"
                  .formatted(
                      PgSession.identifier(backups.user()),
                      PgSession.literal(backups.password().get().reveal())));
        }
        if (!without.isEmpty()) {
          context
              .events()
              .accept(
                  new Event.Warned(
                      message(
                          "passwords were not in this backup; set them anew for: {0}", without)));
        }
      }
    }

    /// Configuration that lay inside the data directory, over initdb's.
    private void restoreInnerConfig(Path staged) throws IOException {
      Optional<Path> original = source.backup().server().dataDirectory().map(Path::of);
      for (ConfigFile file : source.backup().configFiles()) {
        Path path = Path.of(file.path());
        if (original.isEmpty() || !path.startsWith(original.get())) {
          continue;
        }
        Path place = staged.resolve(original.get().relativize(path).toString());
        context.events().accept(new Event.Noted(message("configuration {0} is as it was", path)));
        Files.deleteIfExists(place);
        DurableFiles.createParents(place);
        DurableFiles.putIfAbsent(place, source.content().read(file.stored()));
        ScratchPlace.give(place, plan.owner());
      }
    }

    /// It was compared before it was put into place.
    @Override
    public Validation validate() {
      return validation;
    }
  }
}
