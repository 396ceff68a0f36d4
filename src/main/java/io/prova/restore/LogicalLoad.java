package io.prova.restore;

import static io.prova.base.Message.message;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import io.prova.base.ByteCount;
import io.prova.base.Event;
import io.prova.base.Problems;
import io.prova.catalog.Backup.DumpedDatabase;
import io.prova.catalog.Backup.Logical;
import io.prova.catalog.Compression;
import io.prova.catalog.DamagedException;
import io.prova.catalog.DumpFormat;
import io.prova.postgres.ScratchPlace;
import io.prova.postgres.connection.ConnectionSettings;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Loads what a verified logical backup holds into a server: roles, databases, content.
final class LogicalLoad {

  private static final int BUFFER_BYTES = 256 * 1024;

  private final RestoreContext context;
  private final BackupSource source;
  private final Logical logical;
  private final SqlLoader loader;
  private final GlobalsScript globals;

  /// @param server a superuser's connection to a database that is not restored
  /// @param sandbox for scratch servers, see [SqlLoader]
  LogicalLoad(
      RestoreContext context,
      BackupSource source,
      ConnectionSettings server,
      Optional<ScratchPlace> sandbox)
      throws IOException {
    this.context = context;
    this.source = source;
    this.logical = source.backup().logical().orElseThrow();
    this.loader =
        new SqlLoader(context, server, source.backup().server().version().major(), sandbox);
    try (InputStream in = open(source.file(logical.globals()), logical.compression())) {
      this.globals = GlobalsScript.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  SqlLoader loader() {
    return loader;
  }

  GlobalsScript globals() {
    return globals;
  }

  Set<String> missingRoles() {
    return loader.missingRoles(globals);
  }

  /// Creates an empty database with the properties, settings and grants of `database`.
  ///
  /// @param name under which it is created; must be free
  void createDatabase(DumpedDatabase database, String name)
      throws IOException, InterruptedException {
    loader.createDatabase(Files.readString(source.file(database.createScript())), name);
  }

  /// Loads the content of `database` into the empty database `name`.
  ///
  /// @param jobs parallel workers, for the formats that have them
  void load(DumpedDatabase database, String name, int jobs)
      throws IOException, InterruptedException {
    var what = message("load database {0}", database.name());
    context.events().accept(new Event.StepStarted(what));
    Path dump = source.file(database.file());
    if (logical.dumpFormat() == DumpFormat.PLAIN) {
      loader.loadScript(name, what, out -> feed(dump, database, out));
    } else {
      loader.loadArchive(name, what, dump, jobs);
    }
  }

  private void feed(Path dump, DumpedDatabase database, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    OptionalLong total = OptionalLong.of(database.bytes().bytes());
    long done = 0;
    try (InputStream in = open(dump, logical.compression())) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        done += count;
        context.events().accept(new Event.Progress(new ByteCount(done), total));
      }
    }
    if (done != database.bytes().bytes()) {
      throw new DamagedException(
          message("{0} gave {1} bytes instead of {2}", dump, done, database.bytes().bytes()));
    }
  }

  /// Every byte was verified a moment ago, so what does not decompress was stored like that.
  private static InputStream open(Path file, Compression.Method compression) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      InputStream text =
          switch (compression) {
            case NONE -> new BufferedInputStream(raw, BUFFER_BYTES);
            case GZIP -> new GZIPInputStream(raw, BUFFER_BYTES);
            case ZSTD -> new ZstdInputStream(raw);
          };
      return new FilterInputStream(text) {
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
          try {
            return in.read(buffer, offset, length);
          } catch (ZstdIOException | ZipException | EOFException e) {
            throw broken(file, e);
          }
        }
      };
    } catch (ZipException | EOFException e) { // GZIP looks at its first bytes at once
      raw.close();
      throw broken(file, e);
    }
  }

  private static DamagedException broken(Path file, IOException cause) {
    return new DamagedException(
        message("{0} cannot be decompressed: {1}", file, Problems.of(cause)), cause);
  }
}
