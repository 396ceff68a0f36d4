package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.catalog.Backup.ConfigDirectory;
import io.prova.catalog.Backup.ConfigFile;
import io.prova.catalog.Backup.StoredTablespace;
import io.prova.catalog.BackupKind;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.connection.PgSession;
import io.prova.postgres.connection.SqlFailed;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Restores a physical backup where the cluster was: stop the service, move the old directory
/// aside, put the copy in its place, start, read the log, validate. When anything after the stop
/// fails, the old directory is moved back.
///
/// Nothing is ever deleted: the old directory stays beside the new one until a person removes it.
public final class InPlaceRestoreRun {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final String STAGED_TABLESPACE = "prova.restoring-";
  private static final String NEW_TIMELINE_NOTE =
      "# Written by prova for one recovery; removed after it.";

  private final RestoreContext context;
  private final BackupSource source;
  private final InPlaceRestorePlan plan;
  private final Filling filling;
  private final String stamp;

  /// What was moved from where to where, in the order it was done, to be undone in reverse.
  private final LinkedHashMap<Path, Path> moved = new LinkedHashMap<>();

  /// Whether the new data directory has its place.
  private boolean inPlace;

  /// Makes the new data directory, beside the place it will have.
  interface Filling {

    /// @param staged an absent directory; afterwards one that a server can be started on
    /// @param tablespaces places for the tablespaces, by their original locations
    void fill(Path staged, Map<Path, Path> tablespaces) throws IOException, InterruptedException;

    /// Compares the data once the server runs again, unless it was compared before.
    Validation validate() throws IOException;
  }

  private InPlaceRestoreRun(
      RestoreContext context, BackupSource source, InPlaceRestorePlan plan, Filling filling) {
    this.context = context;
    this.source = source;
    this.plan = plan;
    this.filling = filling;
    this.stamp = plan.backup().label() + "-" + STAMP.format(context.clock().instant());
  }

  /// @param keptAs where the old data directory and tablespaces are now, by where they were
  /// @param logTrouble lines of the server's log that tell of trouble
  public record Result(
      Map<Path, Path> keptAs,
      List<Path> configRestored,
      List<String> logTrouble,
      Validation validation) {}

  /// Replaces the cluster by a physical backup.
  public static Result run(RestoreContext context, BackupSource source, InPlaceRestorePlan plan)
      throws IOException, InterruptedException {
    return run(context, source, plan, new PhysicalFilling(context, source, plan));
  }

  /// Replaces the cluster by whatever `filling` makes.
  static Result run(
      RestoreContext context, BackupSource source, InPlaceRestorePlan plan, Filling filling)
      throws IOException, InterruptedException {
    return new InPlaceRestoreRun(context, source, plan, filling).run();
  }

  /// The files of a physical backup.
  private record PhysicalFilling(
      RestoreContext context, BackupSource source, InPlaceRestorePlan plan) implements Filling {

    @Override
    public void fill(Path staged, Map<Path, Path> tablespaces)
        throws IOException, InterruptedException {
      Map<Long, Path> places = new LinkedHashMap<>();
      for (StoredTablespace tablespace : source.backup().physical().orElseThrow().tablespaces()) {
        Path place = tablespaces.get(Path.of(tablespace.location()));
        if (place != null) {
          places.put(tablespace.oid(), place);
        }
      }
      PhysicalCopy.run(context, source, staged, places, plan.owner(), true);
    }

    @Override
    public Validation validate() throws IOException {
      return Validation.run(
          source.fingerprints(),
          database -> plan.admin().withDatabase(database),
          BackupKind.PHYSICAL,
          context.clock(),
          context.events());
    }
  }

  private Result run() throws IOException, InterruptedException {
    // The copy is made beside the old directory while the server may still run: the time without
    // service is short, and
    // a copy that fails (a full disk, say) has not touched anything.
    sweepInterrupted();
    Path staged = beside(plan.dataDirectory(), "restoring");
    Map<Path, Path> stagedTablespaces = stagedTablespaces();
    boolean stopping = false;
    try {
      filling.fill(staged, stagedTablespaces);
      relinkTablespaces(staged, stagedTablespaces);
      if (plan.newTimeline()) {
        askForNewTimeline(staged);
      }
      if (plan.running()) {
        step(message("stop the service: {0}", String.join(" ", plan.service().stopCommand())));
        stopping = true;
        plan.service().stop();
      }
    } catch (IOException | RuntimeException | InterruptedException e) {
      if (stopping) {
        startAgain(e);
      }
      DurableFiles.deleteTree(staged);
      for (Path place : stagedTablespaces.values()) {
        DurableFiles.deleteTree(place);
      }
      throw e;
    }
    try {
      moveAside();
      moveIn(staged, stagedTablespaces);
      List<Path> configRestored = restoreMissingConfig();
      return startAndCheck(configRestored);
    } catch (IOException | RuntimeException | InterruptedException e) {
      moveBack(e);
      throw e;
    }
  }

  /// Nothing was touched yet, so the service goes on as it was.
  private void startAgain(Exception cause) {
    try {
      if (!plan.service().isRunning()) {
        step(message("start the service again, because: {0}", Problems.of(cause)));
        plan.service().start();
      }
    } catch (IOException | RuntimeException | InterruptedException e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      cause.addSuppressed(e);
      context
          .events()
          .accept(
              new Event.Warned(
                  message(
                      "the service was stopped and could not be started again: {0}",
                      Problems.of(e))));
    }
  }

  private Path beside(Path path, String what) {
    return path.resolveSibling(path.getFileName() + "." + what + "-" + stamp);
  }

  /// Copies that killed runs left beside the data directory and in the tablespaces; they were never
  /// put into place.
  private void sweepInterrupted() throws IOException {
    Path parent = plan.dataDirectory().toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    String name = plan.dataDirectory().getFileName().toString();
    for (Path leftover : children(parent, name + ".restoring-")) {
      sweep(leftover);
    }
    for (Path location : plan.tablespaces()) {
      for (Path leftover : children(location, STAGED_TABLESPACE)) {
        sweep(leftover);
      }
    }
    if (!plan.existing()) {
      for (Path aside : children(parent, name + ".before-")) {
        context
            .events()
            .accept(
                new Event.Noted(
                    message("there is no data directory; one that was moved aside is {0}", aside)));
      }
    }
  }

  private static List<Path> children(Path parent, String prefix) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(parent)) {
      try (var children =
          Files.newDirectoryStream(
              parent, path -> path.getFileName().toString().startsWith(prefix))) {
        children.forEach(found::add);
      }
    }
    return found;
  }

  private void sweep(Path leftover) throws IOException {
    DurableFiles.deleteTree(leftover);
    context
        .events()
        .accept(new Event.Noted(message("removed what an interrupted run left: {0}", leftover)));
  }

  private void step(Message message) {
    context.events().accept(new Event.StepStarted(message));
  }

  /// Below a tablespace's own location, which may be a mount point; PostgreSQL ignores other names
  /// there.
  private Map<Path, Path> stagedTablespaces() throws IOException {
    Map<Path, Path> staged = new LinkedHashMap<>();
    for (Path location : plan.tablespaces()) {
      if (!Files.isDirectory(location)) {
        Files.createDirectories(location);
        Files.setPosixFilePermissions(location, DurableFiles.OWNER_DIRECTORY);
        ScratchPlace.give(location, plan.owner());
      }
      staged.put(location, location.resolve(STAGED_TABLESPACE + stamp));
    }
    return staged;
  }

  /// The links lead to the staged places now, and shall lead to where the tablespaces will be.
  private void relinkTablespaces(Path staged, Map<Path, Path> places) throws IOException {
    for (Map.Entry<Path, Path> each : places.entrySet()) {
      try (var links = Files.newDirectoryStream(staged.resolve("pg_tblspc"))) {
        for (Path link : links) {
          if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(each.getValue())) {
            Files.delete(link);
            Files.createSymbolicLink(link, each.getKey());
            ScratchPlace.give(link, plan.owner());
          }
        }
      }
    }
    DurableFiles.syncDirectory(staged.resolve("pg_tblspc"));
  }

  /// Recovery that asks an archive (which says no) ends on a new timeline, so the WAL that the
  /// server archives from now on has new names. Without that it would write names that the archive
  /// has already, with other content.
  private void askForNewTimeline(Path staged) throws IOException {
    Path signal = staged.resolve("recovery.signal");
    DurableFiles.putIfAbsent(signal, new byte[0]);
    ScratchPlace.give(signal, plan.owner());
    Files.write(
        staged.resolve("postgresql.auto.conf"),
        ("\n" + NEW_TIMELINE_NOTE + "\nrestore_command = 'false'\n")
            .getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.APPEND);
    DurableFiles.sync(staged.resolve("postgresql.auto.conf"));
  }

  private void moveAside() throws IOException {
    if (plan.existing()) {
      move(plan.dataDirectory(), beside(plan.dataDirectory(), "before"));
    } else {
      Files.deleteIfExists(plan.dataDirectory()); // an empty one
    }
    for (Path location : plan.tablespaces()) {
      for (Path version : versionDirectories(location)) {
        move(version, location.resolve("prova.before-" + stamp).resolve(version.getFileName()));
      }
    }
  }

  /// `PG_15_202209061` and the like: what a server keeps in a tablespace's location.
  private static List<Path> versionDirectories(Path location) throws IOException {
    List<Path> found = new ArrayList<>();
    try (var children = Files.newDirectoryStream(location, "PG_*")) {
      children.forEach(found::add);
    }
    return found;
  }

  private void move(Path from, Path to) throws IOException {
    step(message("move {0} aside to {1}", from, to));
    if (to.getParent() != null && !Files.exists(to.getParent())) {
      DurableFiles.createDirectory(to.getParent());
      ScratchPlace.give(to.getParent(), plan.owner());
    }
    DurableFiles.rename(from, to);
    moved.put(from, to);
  }

  private void moveIn(Path staged, Map<Path, Path> stagedTablespaces) throws IOException {
    step(message("put the copy in its place: {0}", plan.dataDirectory()));
    // The data directory last: a server that found no tablespaces would start all the same.
    for (Path place : stagedTablespaces.values()) {
      for (Path version : versionDirectories(place)) {
        DurableFiles.rename(version, place.resolveSibling(version.getFileName()));
      }
      DurableFiles.deleteTree(place);
    }
    DurableFiles.rename(staged, plan.dataDirectory());
    inPlace = true;
  }

  /// Only what is gone. A configuration that exists may be newer than the backup's, and is the
  /// administrators'.
  private List<Path> restoreMissingConfig() throws IOException {
    List<Path> restored = new ArrayList<>();
    for (ConfigDirectory directory : source.backup().configDirectories()) {
      Path place = Path.of(directory.path());
      if (!Files.exists(place)) {
        createConfigDirectories(place);
        describe(place, directory.owner(), directory.group(), directory.mode());
      }
    }
    for (ConfigFile file : plan.missingConfig()) {
      Path place = Path.of(file.path());
      step(message("put back {0}", place));
      createConfigDirectories(place.getParent());
      source.content().copy(file.stored(), place);
      describe(place, file.owner(), file.group(), file.mode());
      restored.add(place);
    }
    return restored;
  }

  private void createConfigDirectories(@Nullable Path directory) throws IOException {
    if (directory == null || Files.exists(directory)) {
      return;
    }
    createConfigDirectories(directory.getParent());
    Files.createDirectory(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    ScratchPlace.give(directory, plan.owner());
  }

  private void describe(
      Path place, Optional<String> owner, Optional<String> group, Optional<String> mode)
      throws IOException {
    if (mode.isPresent()) {
      Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(mode.get()));
    }
    ScratchPlace.give(place, plan.owner());
    if (owner.isEmpty() || group.isEmpty()) {
      return;
    }
    var users = place.getFileSystem().getUserPrincipalLookupService();
    var view =
        Files.getFileAttributeView(place, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    try {
      if (OsUser.current().isRoot()) {
        view.setOwner(users.lookupPrincipalByName(owner.get()));
      }
      if (!view.readAttributes().group().getName().equals(group.get())) {
        view.setGroup(users.lookupPrincipalByGroupName(group.get()));
      }
    } catch (FileSystemException e) {
      // Only root, or a member of the group, may do this; the server starts all the same.
      context
          .events()
          .accept(
              new Event.Warned(
                  message(
                      "{0} belonged to group {1}, which {2} may not give it: chgrp {1} {0}",
                      place, group.get(), OsUser.current().name())));
    } catch (UserPrincipalNotFoundException e) {
      context
          .events()
          .accept(
              new Event.Warned(
                  message("{0} belonged to {1}, who does not exist here", place, e.getName())));
    }
  }

  private Result startAndCheck(List<Path> configRestored) throws IOException, InterruptedException {
    step(message("start the service: {0}", String.join(" ", plan.service().startCommand())));
    ServerLog log = ServerLog.from(plan.service().log());
    plan.service().start();
    awaitConnections();
    if (plan.newTimeline()) {
      forgetNewTimeline();
    }
    step(message("read the server's log"));
    List<String> trouble = log.trouble();
    trouble.forEach(
        line -> context.events().accept(new Event.Warned(message("server log: {0}", line))));
    Validation validation = Validation.NOTHING;
    if (plan.validate()) {
      validation = filling.validate();
      if (!validation.isEqual()) {
        throw new OperationFailed(
            Failure.VALIDATION_FAILED,
            message(
                "the server runs on the restored copy, but its data differs from what was backed up: {0}",
                validation.differences().stream().limit(10).toList()),
            message("The old directory is put back. prova recover takes the next best backup."));
      }
    }
    return new Result(Map.copyOf(moved), configRestored, trouble, validation);
  }

  private void awaitConnections() throws InterruptedException {
    long deadline = System.nanoTime() + context.limit().toNanos();
    while (true) {
      try (PgSession session = PgSession.connect(plan.admin())) {
        if (!session.yes("SELECT pg_catalog.pg_is_in_recovery()")) {
          return;
        }
      } catch (OperationFailed e) {
        if (PgSession.isRefusal(e)) {
          // Waiting does not help, nor does another backup.
          throw new OperationFailed(
              Failure.PRIVILEGE, e.problem(), e.hint().orElse(message("-")), e);
        }
        if (System.nanoTime() > deadline) {
          throw e;
        }
      } catch (SqlFailed e) {
        // it is shutting the connection down while it promotes; ask again
      }
      Thread.sleep(200);
    }
  }

  private void forgetNewTimeline() {
    try (PgSession session = PgSession.connect(plan.admin())) {
      session.execute("ALTER SYSTEM RESET restore_command");
    } catch (OperationFailed | SqlFailed e) {
      context
          .events()
          .accept(
              new Event.Warned(
                  message(
                      "restore_command = 'false' is left in postgresql.auto.conf and can be removed: {0}",
                      Problems.of(e))));
    }
  }

  /// Puts everything back as it was, the failed copy aside. What cannot be put back is said, and
  /// stays where it is.
  private void moveBack(Exception cause) throws IOException {
    step(message("put the old directory back, because: {0}", Problems.of(cause)));
    try {
      if (plan.service().isRunning()) {
        plan.service().stop();
      }
      if (inPlace && Files.exists(plan.dataDirectory())) {
        DurableFiles.rename(plan.dataDirectory(), beside(plan.dataDirectory(), "failed"));
      }
      List<Path> places = new ArrayList<>(moved.keySet());
      for (Path original : places.reversed()) {
        Path aside = moved.get(original);
        if (aside == null) {
          continue;
        }
        if (Files.exists(original)) {
          DurableFiles.rename(
              original,
              original.resolveSibling("prova.failed-" + stamp + "-" + original.getFileName()));
        }
        DurableFiles.rename(aside, original);
      }
      for (Path location : plan.tablespaces()) {
        Files.deleteIfExists(location.resolve("prova.before-" + stamp)); // empty by now
      }
      if (plan.running() && !moved.isEmpty()) {
        plan.service().start();
      }
    } catch (IOException | RuntimeException e) {
      cause.addSuppressed(e);
      context
          .events()
          .accept(
              new Event.Warned(
                  message(
                      "the old directory could not be put back; it is at {0}: {1}",
                      moved.values(), Problems.of(e))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cause.addSuppressed(e);
    }
  }

  /// The server's log from a moment on.
  private record ServerLog(Optional<Path> file, long from) {

    static ServerLog from(Optional<Path> file) throws IOException {
      return new ServerLog(
          file, file.isPresent() && Files.exists(file.get()) ? Files.size(file.get()) : 0);
    }

    List<String> trouble() throws IOException {
      if (file.isEmpty() || !Files.isReadable(file.get())) {
        return List.of();
      }
      List<String> found = new ArrayList<>();
      try (var in = Files.newInputStream(file.get())) {
        in.skipNBytes(Math.min(from, Files.size(file.get())));
        String text = new String(in.readNBytes(4 * 1024 * 1024), StandardCharsets.UTF_8);
        text.lines()
            .filter(io.prova.postgres.ScratchServer::tellsOfTrouble)
            .limit(50)
            .forEach(found::add);
      }
      return found;
    }
  }
}
