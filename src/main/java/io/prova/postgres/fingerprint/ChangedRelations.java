package io.prova.postgres.fingerprint;

import io.prova.base.Redactor;
import io.prova.postgres.Lsn;
import io.prova.postgres.ToolRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The files whose rows a stretch of WAL changes, as `pg_waldump` tells.
///
/// A physical backup comes up as of the end of its WAL, a fingerprint is as of its snapshot, a
/// moment earlier. For a table that WAL does not touch in between, both are the same. Every change
/// of a permanent table's rows is a record of the resource managers Heap, Heap2 or SMGR that names
/// the table's file; records that change no row (freezing, pruning, hints, locks) are left out.
public final class ChangedRelations {

  private static final Pattern RECORD =
      Pattern.compile(
          "^rmgr: (\\S+)\\s+len \\(rec/tot\\):\\s*\\d+/\\s*(\\d+),.*?lsn: ([0-9A-F]+/[0-9A-F]+),.*? desc: (\\S+)");
  private static final Pattern FILE = Pattern.compile("rel \\d+/\\d+/(\\d+)");
  private static final Pattern SMGR_FILE =
      Pattern.compile("(?:base|global|pg_tblspc/\\d+/[^/ ]+)/(?:\\d+/)?(\\d+)");
  private static final Set<String> ROW_CHANGES =
      Set.of(
          "INSERT",
          "INSERT+INIT",
          "DELETE",
          "UPDATE",
          "UPDATE+INIT",
          "HOT_UPDATE",
          "TRUNCATE",
          "INPLACE",
          "CONFIRM",
          "MULTI_INSERT",
          "MULTI_INSERT+INIT",
          "REWRITE");

  /// Source: PostgreSQL's `src/include/access/xlog_internal.h`.
  private static final int WAL_PAGE = 8192;

  private static final int PAGE_HEADER = 24;
  private static final int LONG_PAGE_HEADER = 40;

  private final Set<Long> files;

  private ChangedRelations(Set<Long> files) {
    this.files = files;
  }

  boolean touched(long filenode) {
    return filenode != 0 && files.contains(filenode);
  }

  /// Reads the WAL from `from` to its end, which must lie at or behind `end`.
  ///
  /// @param walDirectory where the segments lie
  /// @return empty if the WAL does not reach from `from` to `end`, or cannot be read within `limit`
  public static Optional<ChangedRelations> between(
      Path pgWaldump,
      Path walDirectory,
      int timeline,
      long segmentBytes,
      Lsn from,
      Lsn end,
      Duration limit,
      Redactor redactor)
      throws IOException, InterruptedException {
    if (from.compareTo(end) > 0) {
      // The snapshot came after the backup's end. That is as good where nothing was written in
      // between: the server
      // switches to a new segment at the end, and WAL then still stands at that segment's
      // beginning.
      long next = end.segmentStart(segmentBytes).value() + segmentBytes;
      boolean nothingWritten = from.value() >= next && from.value() <= next + LONG_PAGE_HEADER;
      return nothingWritten ? Optional.of(new ChangedRelations(Set.of())) : Optional.empty();
    }
    WalReading reading = new WalReading(segmentBytes);
    // The backup's WAL ends with the segment of its end; without an end pg_waldump would wait 5 s
    // for
    // another one. It may end with an error where WAL ends early; whether it came far enough is
    // seen
    // from the last record.
    Lsn segmentEnd = new Lsn(end.segmentStart(segmentBytes).value() + segmentBytes);
    ToolRun.Outcome outcome =
        new ToolRun(
                redactor,
                pgWaldump,
                List.of(
                    "--path=" + walDirectory,
                    "--timeline=" + timeline,
                    "--start=" + from,
                    "--end=" + segmentEnd))
            .run(limit, reading::read);
    return !outcome.timedOut() && reading.reachedEnd.compareTo(end) >= 0
        ? Optional.of(new ChangedRelations(reading.files))
        : Optional.empty();
  }

  /// What was seen so far.
  private static final class WalReading {

    final long segmentBytes;
    final Set<Long> files = new HashSet<>();
    Lsn reachedEnd = new Lsn(0);

    WalReading(long segmentBytes) {
      this.segmentBytes = segmentBytes;
    }

    void read(InputStream out) throws IOException {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(out, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Matcher record = RECORD.matcher(line);
        if (!record.find()) {
          continue;
        }
        reachedEnd =
            endOf(Lsn.parse(record.group(3)), Long.parseLong(record.group(2)), segmentBytes);
        String manager = record.group(1);
        if (manager.equals("Storage")) {
          addAll(files, SMGR_FILE.matcher(line));
        } else if (manager.startsWith("Heap") && ROW_CHANGES.contains(record.group(4))) {
          addAll(files, FILE.matcher(line));
        }
      }
    }
  }

  /// Where a record of `bytes` that begins at `start` ends: it skips the header of each page it
  /// runs into.
  static Lsn endOf(Lsn start, long bytes, long segmentBytes) {
    long at = start.value();
    long remaining = bytes;
    while (true) {
      long pageEnd = (at / WAL_PAGE + 1) * WAL_PAGE;
      if (remaining <= pageEnd - at) {
        return new Lsn((at + remaining + 7) / 8 * 8);
      }
      remaining -= pageEnd - at;
      at = pageEnd + (pageEnd % segmentBytes == 0 ? LONG_PAGE_HEADER : PAGE_HEADER);
    }
  }

  private static void addAll(Set<Long> files, Matcher matcher) {
    while (matcher.find()) {
      files.add(Long.parseLong(matcher.group(1)));
    }
  }
}
