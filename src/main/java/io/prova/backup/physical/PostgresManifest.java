package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.base.Digest;
import io.prova.base.Failure;
import io.prova.base.Json;
import io.prova.base.OperationFailed;
import io.prova.postgres.Lsn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// PostgreSQL's `backup_manifest`: the SHA-256 that the server computed of each file it sent, and
/// the WAL that recovery needs. Whether the manifest itself is whole is pg_verifybackup's to say.
/// Source: PostgreSQL's manual, "Backup Manifest Format".
final class PostgresManifest {

  private static final String DATA = "data/";
  private static final String TABLESPACES = "tablespaces/";
  private static final String TABLESPACE_LINKS = "pg_tblspc/";

  /// By path; taken out as they are compared.
  private final Map<String, Digest> unseen = new HashMap<>();

  private @Nullable Lsn stop;

  private PostgresManifest() {}

  static PostgresManifest read(Path dataDirectory) throws IOException {
    Path file = dataDirectory.resolve("backup_manifest");
    PostgresManifest manifest = new PostgresManifest();
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = Json.LINE.createParser(in)) {
      manifest.read(parser);
    } catch (JacksonException e) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message("{0} is not a manifest: {1}", file, String.valueOf(e.getMessage())));
    }
    if (manifest.stop == null) {
      throw new OperationFailed(Failure.BACKUP_FAILED, message("{0} names no WAL range", file));
    }
    return manifest;
  }

  /// Members of one entry come in any order, so they are gathered until its end.
  private void read(JsonParser parser) {
    String path = null;
    String checksum = null;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token == JsonToken.END_OBJECT) {
        if (path != null && checksum != null) {
          unseen.put(path, new Digest(checksum));
        }
        path = null;
        checksum = null;
      }
      if (token != JsonToken.PROPERTY_NAME) {
        continue;
      }
      String name = parser.currentName();
      switch (name) {
        case "Path" -> path = parser.nextStringValue();
        case "Encoded-Path" ->
            path =
                new String(
                    HexFormat.of().parseHex(parser.nextStringValue()), StandardCharsets.UTF_8);
        case "Checksum" -> checksum = parser.nextStringValue();
        case "End-LSN" -> stop = Lsn.parse(parser.nextStringValue());
        default -> {}
      }
    }
  }

  /// Where the last WAL range that recovery needs ends.
  Lsn stopLsn() {
    if (stop == null) {
      throw new IllegalStateException("read() checks it");
    }
    return stop;
  }

  /// @param path relative to the backup's directory
  /// @throws OperationFailed (BACKUP_FAILED) if the file is not what the server sent
  void compare(String path, Digest found) {
    String name;
    if (path.startsWith(DATA)) {
      name = path.substring(DATA.length());
    } else if (path.startsWith(TABLESPACES)) {
      name = TABLESPACE_LINKS + path.substring(TABLESPACES.length());
    } else {
      return;
    }
    Digest sent = unseen.remove(name);
    if (sent != null && !sent.equals(found)) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "{0} was stored other than the server sent it: SHA-256 {1} instead of {2}",
              path, found, sent),
          message("Look at the disk's health (dmesg), then take another backup."));
    }
  }

  /// @throws OperationFailed (BACKUP_FAILED) if the server sent files that are not there
  void requireAllSeen() {
    if (!unseen.isEmpty()) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "{0} {0|file|files} that the server sent {0|is|are} not there, {1} among them",
              unseen.size(), unseen.keySet().iterator().next()),
          message("Look at the disk's health (dmesg), then take another backup."));
    }
  }
}
