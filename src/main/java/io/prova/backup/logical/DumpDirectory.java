package io.prova.backup.logical;

import static io.prova.base.Message.message;

import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.catalog.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A dump that pg_dump wrote as a directory.
final class DumpDirectory {

  private static final String TABLE_OF_CONTENTS = "toc.dat";

  private DumpDirectory() {}

  /// Its size. pg_dump writes the table of contents last, so without it the dump is not whole.
  static DumpFile.Result measure(Path directory) throws IOException, InterruptedException {
    if (!Files.isRegularFile(directory.resolve(TABLE_OF_CONTENTS))) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message("pg_dump reported success, but {0} has no {1}", directory, TABLE_OF_CONTENTS));
    }
    long[] bytes = {0};
    DirectoryTree.walk(
        directory, entry -> bytes[0] += entry.type() == DirectoryTree.Type.FILE ? entry.size() : 0);
    ByteCount stored = new ByteCount(bytes[0]);
    return new DumpFile.Result(stored, stored, Digest.of(new byte[0]));
  }
}
