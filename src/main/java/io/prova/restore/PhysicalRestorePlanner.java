package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.Physical;
import io.prova.catalog.Backup.StoredTablespace;
import io.prova.postgres.OsUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides what a physical restore into a directory does, and refuses what cannot end well before
/// anything is written.
public final class PhysicalRestorePlanner {

  private PhysicalRestorePlanner() {}

  /// @param tablespaceMapping original location to new directory
  /// @param owner whom the files shall belong to, when we are root
  public record Request(
      Backup backup,
      Path target,
      Map<String, Path> tablespaceMapping,
      Optional<OsUser> owner,
      boolean adopt,
      boolean validate,
      Path scratch) {}

  public static PhysicalRestorePlan plan(RestoreContext context, Request request)
      throws IOException {
    Physical physical =
        request
            .backup()
            .physical()
            .orElseThrow(() ->
                new OperationFailed(
                    Failure.RESTORE_REFUSED,
                    message(
                        "{0} is a logical backup; it is restored into a database, not into a directory",
                        request.backup().label().toString()),
                    message("Use --database and --into.")));
    Path target = request.target().toAbsolutePath().normalize();
    PhysicalCopy.requireEmptyPlace(context, target);
    if (target.startsWith(context.repository().root())
        || context.repository().root().startsWith(target)) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message(
              "{0} and the repository {1} contain one another",
              target, context.repository().root()),
          message("Restore to a place outside of the repository."));
    }
    Map<Long, Path> tablespaces = mapTablespaces(physical, request.tablespaceMapping());
    for (Path place : tablespaces.values()) {
      PhysicalCopy.requireEmptyPlace(context, place);
    }
    requireSpace(target, request.backup());
    return new PhysicalRestorePlan(
        request.backup(),
        target,
        tablespaces,
        owner(request.owner(), request.backup()),
        request.adopt(),
        request.validate(),
        request.scratch());
  }

  private static Map<Long, Path> mapTablespaces(Physical physical, Map<String, Path> mapping) {
    Map<Long, Path> places = new LinkedHashMap<>();
    List<Message> lacking = new ArrayList<>();
    for (StoredTablespace tablespace : physical.tablespaces()) {
      Path place = mapping.get(tablespace.location());
      if (place == null) {
        lacking.add(message("--tablespace-mapping {0}=NEW", tablespace.location()));
      } else {
        places.put(tablespace.oid(), place.toAbsolutePath().normalize());
      }
    }
    if (!lacking.isEmpty()) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message(
              "the backup has tablespaces whose new places are not given: {0}",
              physical.tablespaces().stream().map(StoredTablespace::name).toList()),
          message("Add: {0}", lacking));
    }
    return places;
  }

  static void requireSpace(Path target, Backup backup) throws IOException {
    Path existing = target;
    for (Path above = target; above != null && !Files.exists(existing); above = above.getParent()) {
      existing = above;
    }
    ByteCount free = new ByteCount(Files.getFileStore(existing).getUsableSpace());
    if (free.compareTo(backup.stored()) < 0) {
      throw new OperationFailed(
          Failure.SPACE,
          message("{0} has {1} free, the backup needs {2}", existing, free, backup.stored()),
          message("Make room, or restore to another disk."));
    }
  }

  /// Root gives the files to whom they belonged; anyone else can only own them himself.
  private static OsUser owner(Optional<OsUser> wanted, Backup backup) throws IOException {
    OsUser me = OsUser.current();
    if (!me.isRoot()) {
      return me;
    }
    if (wanted.isPresent()) {
      return wanted.get();
    }
    for (String name : List.of(backup.server().owner().orElse("postgres"), "postgres")) {
      Optional<OsUser> user = OsUser.find(name);
      if (user.isPresent() && !user.get().isRoot()) {
        return user.get();
      }
    }
    throw new OperationFailed(
        Failure.RESTORE_REFUSED,
        message("there is no operating-system user to own the data directory"),
        message("PostgreSQL does not run as root: name one with --owner."));
  }
}
