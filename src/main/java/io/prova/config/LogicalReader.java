package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.backup.logical.LogicalOptions;
import io.prova.catalog.Compression;
import io.prova.catalog.DumpFormat;
import java.util.List;
import java.util.Locale;

/// Reads the key `logical`.
final class LogicalReader {

  private static final ValueType<Integer> JOBS = ValueType.number(1, 64);

  private static final ValueType<Compression> COMPRESSION =
      ValueType.parsed(
          message("none, gzip or zstd, or with a level gzip:1 to gzip:9 or zstd:1 to zstd:19"),
          LogicalReader::compression,
          LogicalReader::written);

  private LogicalReader() {}

  static LogicalOptions read(Section logical) {
    LogicalOptions defaults = LogicalOptions.DEFAULTS;
    List<String> include = logical.value("include", ValueType.TEXT.list(), defaults.include());
    List<String> exclude = logical.value("exclude", ValueType.TEXT.list(), defaults.exclude());
    DumpFormat format =
        logical.value("format", ValueType.choice(DumpFormat.class), defaults.format());
    Compression compression = logical.value("compression", COMPRESSION, defaults.compression());
    int jobs = logical.value("jobs", JOBS, defaults.jobs());
    if (include.isEmpty()) {
      logical.problem("include", message("selects no database; \"*\" selects all"));
    }
    if (exclude.contains("*")) {
      logical.problem("exclude", message("excludes every database"));
    }
    if (jobs > 1 && format != DumpFormat.DIRECTORY) {
      logical.problem(
          "jobs", message("only the directory format has parallel jobs: set format: directory"));
    }
    if (compression.method() == Compression.Method.ZSTD && format != DumpFormat.PLAIN) {
      logical.problem(
          "compression",
          message("zstd is for the plain format; the others are compressed by pg_dump: set gzip"));
    }
    return new LogicalOptions(
        include,
        exclude,
        format,
        compression,
        jobs,
        logical.value("time_limit", ClusterReader.LIMIT, defaults.timeLimit()),
        logical.value("lock_wait", ClusterReader.LIMIT, defaults.lockWait()));
  }

  private static Compression compression(String text) {
    int colon = text.indexOf(':');
    String word = colon < 0 ? text : text.substring(0, colon);
    Compression.Method method = Compression.Method.valueOf(word.toUpperCase(Locale.ROOT));
    if (colon < 0) {
      return new Compression(method, 0);
    }
    int level = Integer.parseInt(text.substring(colon + 1));
    if (level < 1 || level > highestLevel(method)) {
      throw new IllegalArgumentException("level out of range: " + level);
    }
    return new Compression(method, level);
  }

  /// As far as the programs `gzip` and `zstd` go without further options.
  private static int highestLevel(Compression.Method method) {
    return switch (method) {
      case NONE -> 0;
      case GZIP -> 9;
      case ZSTD -> 19;
    };
  }

  private static String written(Compression compression) {
    String method = compression.method().name().toLowerCase(Locale.ROOT);
    return compression.level() == 0 ? method : method + ":" + compression.level();
  }
}
