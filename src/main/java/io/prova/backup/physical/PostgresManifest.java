package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.postgres.Lsn;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// PostgreSQL's `backup_manifest`. Only its end is read here: with a million files it is long.
final class PostgresManifest {

  private static final int TAIL_BYTES = 64 * 1024;
  private static final Pattern END_LSN =
      Pattern.compile("\"End-LSN\":\\s*\"([0-9A-F]+/[0-9A-F]+)\"");

  private PostgresManifest() {}

  /// Where the last WAL range that recovery needs ends.
  static Lsn stopLsn(Path dataDirectory) throws IOException {
    Path manifest = dataDirectory.resolve("backup_manifest");
    String tail;
    try (RandomAccessFile file = new RandomAccessFile(manifest.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - TAIL_BYTES));
      byte[] bytes = new byte[(int) Math.min(TAIL_BYTES, file.length())];
      file.readFully(bytes);
      tail = new String(bytes, StandardCharsets.UTF_8);
    }
    Matcher matcher = END_LSN.matcher(tail);
    Lsn last = null;
    while (matcher.find()) {
      last = Lsn.parse(matcher.group(1));
    }
    if (last == null) {
      throw new OperationFailed(Failure.BACKUP_FAILED, message("{0} names no WAL range", manifest));
    }
    return last;
  }
}
