package io.prova.backup.physical;

import io.prova.base.Digest;
import io.prova.base.TaskGroup;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.DirectoryTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Reads the large files of a copy back while pg_basebackup syncs it: the disk writes then, and the
/// cores have nothing to do.
final class EarlyDigests implements BackupFiles.KnownDigests, AutoCloseable {

  /// Smaller files take no time worth saving, and there may be very many.
  private static final long LEAST_BYTES = 1 << 20;

  /// pg_basebackup renames this one when all else is done.
  private static final String MANIFEST = "backup_manifest";

  private final Path directory;
  private final TaskGroup walker = TaskGroup.ofWaiters();
  private final TaskGroup readers = TaskGroup.ofWorkers(Runtime.getRuntime().availableProcessors());
  private volatile @Nullable Future<Map<String, Future<Digest>>> walked;

  /// @param directory of the backup
  EarlyDigests(Path directory) {
    this.directory = directory;
  }

  /// All files have their content and their names, but for the manifest.
  void begin() {
    walked = walker.submit(this::walk);
  }

  private Map<String, Future<Digest>> walk() throws IOException, InterruptedException {
    Map<String, Future<Digest>> digests = new HashMap<>();
    DirectoryTree.walk(
        directory,
        entry -> {
          if (entry.type() == DirectoryTree.Type.FILE
              && entry.size() >= LEAST_BYTES
              && !entry.path().contains(MANIFEST)) {
            Path file = directory.resolve(entry.path());
            digests.put(entry.path(), readers.submit(() -> BackupFiles.digest(file, bytes -> {})));
          }
        });
    return digests;
  }

  @Override
  public Optional<Digest> of(String path) throws IOException, InterruptedException {
    Future<Map<String, Future<Digest>>> begun = walked;
    if (begun == null) {
      return Optional.empty();
    }
    Future<Digest> digest = TaskGroup.join(begun).get(path);
    return digest == null ? Optional.empty() : Optional.of(TaskGroup.join(digest));
  }

  @Override
  public void close() {
    walker.close();
    readers.close();
  }
}
