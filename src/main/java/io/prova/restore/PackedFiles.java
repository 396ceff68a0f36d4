package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.Backup.Packed;
import io.prova.catalog.BackupContent;
import io.prova.engine.FileOnDisk;
import io.prova.engine.Unpacker;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.UnknownFormatException;
import io.prova.postgres.OsUser;
import io.prova.postgres.ScratchPlace;
import io.prova.storage.FileMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Puts back the files of a backup that is in packs.
final class PackedFiles implements Unpacker.Destination, FileOnDisk.Listener {

  private static final String TABLESPACES = "pg_tblspc/";

  /// The links are made by whoever restores, to where the tablespaces are now.
  private static final String TABLESPACE_MAP = "tablespace_map";

  private final Path target;
  private final Map<Long, Path> tablespaces;
  private final Map<String, String> renamed;
  private final OsUser owner;
  private final Consumer<Event> events;
  private final OptionalLong total;
  private final AtomicLong written = new AtomicLong();

  /// @param tablespaces where each goes, by OID
  /// @param renamed paths that get another name
  PackedFiles(
      Path target,
      Map<Long, Path> tablespaces,
      Map<String, String> renamed,
      OsUser owner,
      Consumer<Event> events,
      Packed packed) {
    this.target = target;
    this.tablespaces = tablespaces;
    this.renamed = renamed;
    this.owner = owner;
    this.events = events;
    this.total = OptionalLong.of(packed.bytes().bytes());
  }

  /// @param directory of the backup, for messages
  void unpack(BackupContent content, Path directory, Packed packed)
      throws IOException, InterruptedException {
    PackReader packs = new PackReader(content.packs(), "");
    int workers = Runtime.getRuntime().availableProcessors();
    try (InputStream stored = content.stream(packed.manifest());
        ManifestReader manifest = new ManifestReader(packed.manifest(), stored)) {
      new Unpacker(packs, this, workers).run(manifest);
    } catch (BadObjectException e) {
      throw new OperationFailed(
          Failure.DAMAGED,
          message("{0} is damaged: {1}", directory.resolve(e.object()), e.finding()),
          message("It is not used. prova recover takes the next best backup."),
          e);
    } catch (UnknownFormatException e) {
      throw new OperationFailed(
          Failure.REPOSITORY,
          message("{0}", String.valueOf(e.getMessage())),
          message("Use the version of Prova that wrote it, or a newer one."),
          e);
    }
  }

  @Override
  public void directory(ManifestLine.Directory directory) throws IOException {
    Optional<Path> place = place(directory.path());
    if (place.isPresent()) {
      if (!Files.isDirectory(place.get(), LinkOption.NOFOLLOW_LINKS)) { // the tops are there before
        Files.createDirectory(place.get());
      }
      Files.setPosixFilePermissions(
          place.get(), FileMode.permissions(Integer.parseInt(directory.mode(), 8)));
      placed(place.get());
    }
  }

  @Override
  public Optional<Unpacker.FileSink> file(ManifestLine.File file) {
    return place(file.path()).map(place -> new FileOnDisk(file, place, false, this));
  }

  private Optional<Path> place(String path) {
    if (path.equals(TABLESPACE_MAP)) {
      return Optional.empty();
    }
    if (path.startsWith(TABLESPACES)) {
      String below = path.substring(TABLESPACES.length());
      int slash = below.indexOf('/');
      Path place = tablespace(slash < 0 ? below : below.substring(0, slash));
      if (place != null) {
        return Optional.of(slash < 0 ? place : place.resolve(below.substring(slash + 1)));
      }
    }
    return Optional.of(target.resolve(renamed.getOrDefault(path, path)));
  }

  private @Nullable Path tablespace(String oid) {
    return oid.matches("[0-9]{1,10}") ? tablespaces.get(Long.parseLong(oid)) : null;
  }

  @Override
  public void placed(Path file) throws IOException {
    ScratchPlace.give(file, owner);
  }

  @Override
  public void wrote(long bytes) {
    events.accept(new Event.Progress(new ByteCount(written.addAndGet(bytes)), total));
  }
}
