package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.TaskGroup;
import io.prova.catalog.Backup.Packed;
import io.prova.catalog.Backup.Physical;
import io.prova.catalog.Backup.StoredTablespace;
import io.prova.catalog.DamagedException;
import io.prova.catalog.DirectoryTree;
import io.prova.postgres.ControlFile;
import io.prova.postgres.Lsn;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.SystemIdentifier;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Puts a copy of a stored data directory, with its tablespaces, into empty places.
///
/// `global/pg_control` comes last, under a name that PostgreSQL does not know until everything else
/// is durable: a copy that was cut off cannot be started.
public final class PhysicalCopy {

  private static final String DATA = "data";
  private static final String CONTROL_FILE = "global/pg_control";
  private static final String CONTROL_FILE_PENDING = "global/pg_control.prova";
  private static final int WORKERS = Math.max(2, Runtime.getRuntime().availableProcessors());
  private static final int AHEAD = 8 * WORKERS;

  private static final Pattern START_LOCATION =
      Pattern.compile("^START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) ", Pattern.MULTILINE);

  /// At once, so that progress shows and an interrupt is heard.
  private static final long COPY_BYTES = 64L * 1024 * 1024;

  /// Something done to a directory of the copy.
  @FunctionalInterface
  interface Touch {
    void to(Path directory) throws IOException;
  }

  /// @param target a directory that is absent or empty
  /// @param tablespaces where each goes, by OID: directories that are absent or empty
  /// @param owner who will own the files
  record Places(Path target, Map<Long, Path> tablespaces, OsUser owner) {}

  private final RestoreContext context;
  private final BackupSource source;
  private final Physical physical;
  private final Path target;
  private final Map<Long, Path> tablespaces;
  private final OsUser owner;
  private final AtomicLong copied = new AtomicLong();
  private final OptionalLong total;

  private PhysicalCopy(
      RestoreContext context,
      BackupSource source,
      Path target,
      Map<Long, Path> tablespaces,
      OsUser owner) {
    this.context = context;
    this.source = source;
    this.physical = source.backup().physical().orElseThrow();
    this.target = target;
    this.tablespaces = tablespaces;
    this.owner = owner;
    this.total = OptionalLong.of(source.backup().stored().bytes());
  }

  /// @param target a directory that is absent or empty
  /// @param tablespaces where each goes, by OID: directories that are absent or empty
  /// @param owner who will own the files
  /// @param durable sync everything to the disk; a scratch copy need not survive
  public static void run(
      RestoreContext context,
      BackupSource source,
      Path target,
      Map<Long, Path> tablespaces,
      OsUser owner,
      boolean durable)
      throws IOException, InterruptedException {
    new PhysicalCopy(context, source, target, tablespaces, owner)
        .run(durable, place -> {}, copy -> {});
  }

  /// A durable copy that is to be kept.
  ///
  /// @param first done to each directory before anything is put into it
  /// @param last done to the data directory when all is there but `pg_control`: with that it can be
  ///   started
  static void run(
      RestoreContext context, BackupSource source, Places places, Touch first, Touch last)
      throws IOException, InterruptedException {
    new PhysicalCopy(context, source, places.target, places.tablespaces, places.owner)
        .run(true, first, last);
  }

  private void run(boolean durable, Touch first, Touch last)
      throws IOException, InterruptedException {
    context
        .events()
        .accept(new Event.StepStarted(message("copy the data directory to {0}", target)));
    if (physical.packed().isPresent()) {
      unpack(physical.packed().get(), first);
      requireWhatRecoveryNeeds(target, CONTROL_FILE_PENDING);
    } else {
      requireWhatRecoveryNeeds(source.file(DATA), CONTROL_FILE);
      requireStoredTablespaces();
      copyTree(source.file(DATA), target, first);
      for (StoredTablespace tablespace : physical.tablespaces()) {
        copyTree(source.file(tablespace.stored()), place(tablespace), first);
      }
    }
    for (StoredTablespace tablespace : physical.tablespaces()) {
      Path place = place(tablespace);
      Path link = target.resolve("pg_tblspc").resolve(Long.toString(tablespace.oid()));
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, place);
      ScratchPlace.give(link, owner);
    }
    last.to(target);
    if (durable) {
      context.events().accept(new Event.StepStarted(message("make it durable")));
      DurableFiles.syncTree(target);
      for (StoredTablespace tablespace : physical.tablespaces()) {
        DurableFiles.syncTree(place(tablespace));
      }
      DurableFiles.syncParent(target);
    }
    // From here on the copy can be started.
    DurableFiles.rename(target.resolve(CONTROL_FILE_PENDING), target.resolve(CONTROL_FILE));
  }

  /// What PostgreSQL would not miss, but start wrongly without: with no `backup_label` it recovers
  /// from the wrong checkpoint, silently. And the files must be those that `backup.json` speaks of,
  /// however right their digests are.
  ///
  /// Source: PostgreSQL's manual, "Making a Base Backup Using the Low Level API".
  ///
  /// @param data a data directory, stored or made
  private void requireWhatRecoveryNeeds(Path data, String controlFile) throws IOException {
    Path control = data.resolve(controlFile);
    Path label = data.resolve("backup_label");
    for (Path needed : List.of(control, label)) {
      if (!Files.isRegularFile(needed)) {
        throw new DamagedException(message("{0} is missing", needed));
      }
    }
    Matcher start = START_LOCATION.matcher(Files.readString(label, StandardCharsets.ISO_8859_1));
    if (!start.find() || !Lsn.parse(start.group(1)).equals(physical.startLsn())) {
      throw new DamagedException(
          message(
              "{0} does not state the backup's start, {1}", label, physical.startLsn().toString()));
    }
    SystemIdentifier expected = source.backup().systemIdentifier();
    Optional<SystemIdentifier> found =
        ControlFile.readFile(control).map(ControlFile::systemIdentifier);
    if (!found.equals(Optional.of(expected))) {
      throw new DamagedException(
          message(
              "{0} is of the cluster with system identifier {1}, the backup is of {2}",
              control, found.map(SystemIdentifier::toString).orElse("-"), expected.toString()));
    }
  }

  private void requireStoredTablespaces() throws DamagedException {
    for (StoredTablespace tablespace : physical.tablespaces()) {
      Path stored = source.file(tablespace.stored());
      if (!Files.isDirectory(stored)) {
        throw new DamagedException(message("{0} is missing", stored));
      }
    }
  }

  private Path place(StoredTablespace tablespace) {
    Path place = tablespaces.get(tablespace.oid());
    if (place == null) {
      throw new IllegalArgumentException("no place for tablespace " + tablespace.name());
    }
    return place;
  }

  private void unpack(Packed packed, Touch first) throws IOException, InterruptedException {
    makeDirectory(target, first);
    for (StoredTablespace tablespace : physical.tablespaces()) {
      makeDirectory(place(tablespace), first);
    }
    new PackedFiles(
            target,
            tablespaces,
            Map.of(CONTROL_FILE, CONTROL_FILE_PENDING),
            owner,
            context.events(),
            packed)
        .unpack(source.content(), source.file(""), packed);
  }

  private void makeDirectory(Path directory, Touch first) throws IOException {
    if (!Files.exists(directory)) {
      DurableFiles.createDirectory(directory);
    }
    Files.setPosixFilePermissions(directory, DurableFiles.OWNER_DIRECTORY);
    ScratchPlace.give(directory, owner);
    first.to(directory);
  }

  private void copyTree(Path from, Path to, Touch first) throws IOException, InterruptedException {
    makeDirectory(to, first);
    try (TaskGroup group = TaskGroup.ofWorkers(WORKERS)) {
      Deque<Future<?>> pending = new ArrayDeque<>();
      DirectoryTree.walk(
          from,
          entry -> {
            Path stored = from.resolve(entry.path());
            Path created = to.resolve(entry.path());
            switch (entry.type()) {
              case DIRECTORY -> {
                Files.createDirectory(created);
                Files.setPosixFilePermissions(created, DurableFiles.OWNER_DIRECTORY);
                ScratchPlace.give(created, owner);
              }
              case LINK -> {
                Files.createSymbolicLink(created, Files.readSymbolicLink(stored));
                ScratchPlace.give(created, owner);
              }
              case FILE -> {
                Path name =
                    entry.path().equals(CONTROL_FILE) ? to.resolve(CONTROL_FILE_PENDING) : created;
                pending.addLast(group.submit(() -> copyFile(stored, name)));
              }
              case OTHER -> throw new IOException("neither file, directory nor link: " + stored);
            }
            if (pending.size() > AHEAD) {
              TaskGroup.join(pending.removeFirst());
            }
          });
      while (!pending.isEmpty()) {
        TaskGroup.join(pending.removeFirst());
      }
    }
  }

  /// The bytes were verified a moment ago; here the kernel copies them.
  private Void copyFile(Path from, Path to) throws IOException {
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel out = DurableFiles.openNew(to)) {
      long size = in.size();
      long at = 0;
      while (at < size) {
        long count = in.transferTo(at, Math.min(COPY_BYTES, size - at), out);
        if (count <= 0) {
          throw new IOException(from + " ended at byte " + at + " of " + size);
        }
        at += count;
        context.events().accept(new Event.Progress(new ByteCount(copied.addAndGet(count)), total));
      }
    }
    ScratchPlace.give(to, owner);
    return null;
  }

  /// @throws OperationFailed (RESTORE_REFUSED) unless `directory` is absent, or an empty directory
  ///   (or one that holds only what a killed restore left), at a place where a data directory may
  ///   be
  static void requireEmptyPlace(RestoreContext context, Path directory) throws IOException {
    Path place = directory.toAbsolutePath().normalize();
    if (place.getNameCount() < 2) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message("{0} is no place for a data directory", place),
          message("Name a directory of its own, at least two levels below /."));
    }
    if (Files.isSymbolicLink(place)) {
      throw new OperationFailed(
          Failure.RESTORE_REFUSED,
          message("{0} is a link", place),
          message("Name the directory it leads to."));
    }
    if (!Files.exists(place)) {
      if (place.getParent() == null || !Files.isDirectory(place.getParent())) {
        throw new OperationFailed(
            Failure.RESTORE_REFUSED,
            message("the directory above {0} does not exist", place),
            message("Create it, or correct the path."));
      }
      return;
    }
    if (!Files.isDirectory(place)) {
      throw new OperationFailed(Failure.RESTORE_REFUSED, message("{0} is not a directory", place));
    }
    try (var children = Files.list(place)) {
      if (children.findAny().isPresent() && !UnfinishedCopy.isLeft(context, place)) {
        throw new OperationFailed(
            Failure.RESTORE_REFUSED,
            message("{0} is not empty", place),
            message(
                "Nothing is ever overwritten: name an empty directory, or use --in-place, which moves the old one aside."));
      }
    }
  }
}
