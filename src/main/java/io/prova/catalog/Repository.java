package io.prova.catalog;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.postgres.SystemIdentifier;
import io.prova.storage.DiskReserve;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A directory that holds the backups of one cluster.
///
/// A backup is made in a hidden directory beside the others and becomes visible by one rename, with
/// its `backup.json` inside: before it there is nothing, after it the backup is whole. Nothing
/// published is changed; what becomes known later are new objects. See docs/format.md.
public final class Repository {

  private static final String MARKER = "repository.json";
  private static final String INCOMING = ".incoming-";

  private final Path root;
  private final RepositoryMarker marker;

  private Repository(Path root, RepositoryMarker marker) {
    this.root = root;
    this.marker = marker;
  }

  /// Creates the directory (0700) and its marker.
  ///
  /// @throws OperationFailed (REPOSITORY) if the directory holds anything that is not ours
  public static Repository create(
      Path root, String cluster, SystemIdentifier system, ZoneId zone, Instant now)
      throws IOException {
    requireFree(root);
    if (Files.exists(root.resolve(MARKER))) {
      return open(root);
    }
    DurableFiles.createDirectories(root);
    Files.setPosixFilePermissions(root, DurableFiles.OWNER_DIRECTORY);
    for (BackupKind kind : BackupKind.values()) {
      DurableFiles.createDirectories(root.resolve(kind.directory()));
    }
    for (String each :
        List.of(
            "proofs", "drills", "pins", "accepted", "systems", "trash", "sessions", "journal")) {
      DurableFiles.createDirectories(root.resolve(each));
    }
    DiskReserve.keep(reserve(root));
    RepositoryMarker marker =
        new RepositoryMarker(
            CheckedJson.FORMAT, UUID.randomUUID().toString(), now, cluster, system, zone);
    DurableFiles.putIfAbsent(root.resolve(MARKER), CheckedJson.write(marker));
    return new Repository(root, marker);
  }

  /// Looks whether a repository is at `root`, or can be made there; changes nothing.
  ///
  /// @throws OperationFailed (REPOSITORY) if something else is there
  public static void requireFree(Path root) throws IOException {
    if (Files.exists(root.resolve(MARKER))) {
      return;
    }
    if (Files.exists(root) && !(Files.isDirectory(root) && isEmpty(root))) {
      throw new OperationFailed(
          Failure.REPOSITORY,
          message("{0} is not empty, and it is not a repository of Prova", root),
          message(
              "Choose another directory as `repository`, or empty this one by hand if nothing in it is needed."));
    }
  }

  /// An almost fresh file system has this directory.
  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        if (!child.getFileName().toString().equals("lost+found")) {
          return false;
        }
      }
    }
    return true;
  }

  /// @throws OperationFailed (REPOSITORY) if the marker is not there (an unmounted disk has none),
  ///   damaged, or newer than this program
  public static Repository open(Path root) throws IOException {
    try {
      return new Repository(root, CheckedJson.read(root.resolve(MARKER), RepositoryMarker.class));
    } catch (NoSuchFileException e) {
      throw new OperationFailed(
          Failure.REPOSITORY,
          Files.isDirectory(root)
              ? message("{0} is not a repository: it has no {1}", root, MARKER)
              : message("the repository {0} does not exist", root),
          message(
              "If it lies on a disk of its own: is the disk mounted? If it is to be created: prova init"),
          e);
    } catch (DamagedException | UnknownFormatException e) {
      throw new OperationFailed(
          Failure.REPOSITORY,
          message("the repository's marker cannot be trusted: {0}", Problems.of(e)),
          message(
              "Nothing was changed. A newer Prova may read it; a damaged marker can be put back from a copy of the repository."),
          e);
    }
  }

  public Path root() {
    return root;
  }

  public RepositoryMarker marker() {
    return marker;
  }

  public Path directory(BackupKind kind) {
    return root.resolve(kind.directory());
  }

  public Path directory(Backup backup) {
    return directory(backup.kind()).resolve(backup.label().text());
  }

  /// The backups in it, and what is known of them.
  public Catalog catalog() {
    return new Catalog(this);
  }

  public Trash trash() {
    return new Trash(this);
  }

  /// The journal's directory.
  public Path journalDirectory() {
    return root.resolve("journal");
  }

  /// @throws OperationFailed (CLUSTER_MISMATCH) if this repository is for another cluster
  public void requireSystem(SystemIdentifier system) throws IOException {
    if (!accepts(system)) {
      throw new OperationFailed(
          Failure.CLUSTER_MISMATCH,
          message(
              "the server has system identifier {0}, the repository {1} is for {2}",
              system.toString(), root, marker.systemIdentifier().toString()),
          message(
              "Is this the right server and the right repository? If the cluster was rebuilt or upgraded on purpose: prova init --adopt"));
    }
  }

  public boolean accepts(SystemIdentifier system) {
    return system.equals(marker.systemIdentifier()) || Files.exists(systemFile(system));
  }

  /// Accepts one more system identifier, for good.
  public void adopt(SystemIdentifier system, Instant now, String who, String why)
      throws IOException {
    if (!accepts(system)) {
      DurableFiles.putIfAbsent(
          systemFile(system),
          CheckedJson.write(new AdoptedSystem(CheckedJson.FORMAT, system, now, who, why)));
    }
  }

  private Path systemFile(SystemIdentifier system) {
    return root.resolve("systems").resolve(system + ".json");
  }

  private Path writerLock() {
    return root.resolve("sessions").resolve("writer.lock");
  }

  /// The right to add or remove backups, for one process at a time.
  ///
  /// @throws OperationFailed (BUSY) naming who has it
  public FileLock lockForWriting(String holder) throws IOException {
    Path file = writerLock();
    Optional<FileLock> lock = FileLock.tryExclusive(file, holder);
    return lock.orElseThrow(() ->
        new OperationFailed(
            Failure.BUSY,
            message(
                "the repository {0} is in use by: {1}", root, FileLock.holder(file).orElse("-")),
            message("Wait for it to end; the lock goes with its process, however that ends.")));
  }

  /// Held while backups are read: nothing is removed meanwhile.
  ///
  /// @throws OperationFailed (BUSY) while backups are being removed
  public FileLock lockForReading() throws IOException {
    return FileLock.tryShared(root.resolve("sessions").resolve("readers.lock"))
        .orElseThrow(() ->
            new OperationFailed(
                Failure.BUSY,
                message("backups are being removed from {0} just now", root),
                message("Try again in a moment.")));
  }

  /// The right to remove backups; empty while anyone reads them.
  public Optional<FileLock> tryLockAgainstReaders(String holder) throws IOException {
    return FileLock.tryExclusive(root.resolve("sessions").resolve("readers.lock"), holder);
  }

  private static Path reserve(Path root) {
    return root.resolve("sessions").resolve("reserve");
  }

  /// Keeps room back for the day when the disk is full, see [#releaseReserve].
  public void keepReserve() {
    DiskReserve.keep(reserve(root));
  }

  /// Gives the room that was kept back to the removal of backups, where the disk has none left.
  public void releaseReserve() throws IOException {
    if (Files.getFileStore(root).getUsableSpace() < DiskReserve.BYTES) {
      DiskReserve.release(reserve(root));
    }
  }

  /// A directory that no listing shows, to make a backup in. The caller holds the writer's lock.
  public Path beginBackup(BackupKind kind) throws IOException {
    Path incoming = directory(kind).resolve(INCOMING + UUID.randomUUID());
    DurableFiles.createDirectory(incoming);
    return incoming;
  }

  /// Removes what killed runs left half-made or half-removed. The caller holds the writer's lock,
  /// so whoever made these is gone.
  ///
  /// @return what was removed
  public List<Path> sweep() throws IOException {
    List<Path> removed = new ArrayList<>();
    for (BackupKind kind : BackupKind.values()) {
      for (Path parent : List.of(directory(kind), trash().directory(kind))) {
        if (!Files.isDirectory(parent)) {
          continue;
        }
        try (DirectoryStream<Path> leftovers =
            Files.newDirectoryStream(parent, ".{incoming,leaving}-*")) {
          for (Path leftover : leftovers) {
            DurableFiles.deleteTree(leftover);
            removed.add(leftover);
          }
        }
      }
    }
    trash().sweepNotes();
    sweepTemporaries();
    return removed;
  }

  /// Small files that were never given their names: of no interest to anybody, so not told.
  private void sweepTemporaries() throws IOException {
    Optional<Instant> locked = FileLock.taken(writerLock());
    if (locked.isEmpty()) {
      return;
    }
    Instant now = locked.get();
    for (String each : List.of("", "systems", "pins", "accepted", "sessions", "journal")) {
      DurableFiles.sweepTemporaries(root.resolve(each), now);
    }
    for (BackupKind kind : BackupKind.values()) {
      DurableFiles.sweepTemporaries(trash().directory(kind), now);
    }
    for (String each : List.of("proofs", "drills")) {
      try (DirectoryStream<Path> labels = Files.newDirectoryStream(root.resolve(each))) {
        for (Path label : labels) {
          DurableFiles.sweepTemporaries(label, now);
        }
      } catch (NoSuchFileException | NotDirectoryException e) {
        // the listing doubts because of it; there is nothing to sweep
      }
    }
  }

  /// A label that no backup of either kind has, here or in the trash.
  public Label newLabel(Instant moment, ZoneId zone) {
    for (int ordinal = 1; ; ordinal++) {
      Label label = Label.at(moment, zone, ordinal);
      boolean taken = false;
      for (BackupKind kind : BackupKind.values()) {
        taken |=
            Files.exists(directory(kind).resolve(label.text()))
                || Files.exists(trash().directory(kind).resolve(label.text()));
      }
      if (!taken) {
        return label;
      }
    }
  }

  /// The number after every one that was ever given, whatever became of those backups.
  public long nextSequence(Listing listing) throws IOException {
    long highest =
        listing.entries().stream().mapToLong(each -> each.backup().sequence()).max().orElse(0);
    for (TrashNote note : trash().contents().notes()) {
      highest = Math.max(highest, trash().backup(note).map(Backup::sequence).orElse(0L));
    }
    return highest + 1;
  }

  /// Makes the backup in `incoming` exist. Everything in it is durable already but `backup.json`,
  /// which is written now, last; the rename publishes.
  public void publish(Path incoming, Backup backup) throws IOException {
    DurableFiles.putIfAbsent(incoming.resolve(BackupFiles.BACKUP), CheckedJson.write(backup));
    DurableFiles.syncDirectory(incoming);
    DurableFiles.rename(incoming, directory(backup));
  }
}
