package io.prova.backup.physical;

import io.prova.engine.pack.OpenFile;
import io.prova.engine.pack.PageCheck;
import io.prova.postgres.Lsn;
import io.prova.postgres.PageChecksum;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Verifies the checksums of pages as they are read, and tells a page that was caught while the
/// server wrote it from one that is damaged on the disk.
///
/// A page that is wrong is read again: the server may have been writing it. One that keeps changing
/// is in use, and the backup's WAL has all of it. One that stays wrong, and was not changed since
/// the backup began, is damaged.
final class PageVerifier {

  private static final int TRIES = 5;

  private final Lsn start;
  private final Supplier<Lsn> current;

  /// @param start of the backup: later changes are whole in its WAL
  /// @param current asks the server how far WAL goes now; called by several threads, rarely
  PageVerifier(Lsn start, Supplier<Lsn> current) {
    this.start = start;
    this.current = current;
  }

  /// For one file of a relation.
  ///
  /// @param firstBlock the number of its first page
  PageCheck of(long firstBlock) {
    return (file, bytes, from, length, offset) -> {
      MemorySegment pages = MemorySegment.ofBuffer(bytes.duplicate().clear());
      List<Integer> damaged = List.of();
      // A page that is being added may be there in part; it is in WAL.
      for (int at = from; at + PageChecksum.PAGE <= from + length; at += PageChecksum.PAGE) {
        long inFile = (offset + at - from) / PageChecksum.PAGE;
        if (!PageChecksum.isRight(pages, at, firstBlock + inFile)
            && isDamaged(file, bytes, at, inFile, firstBlock + inFile)) {
          if (damaged.isEmpty()) {
            damaged = new ArrayList<>();
          }
          damaged.add((int) inFile);
        }
      }
      return damaged;
    };
  }

  /// Reads the page again, into its place.
  private boolean isDamaged(OpenFile file, ByteBuffer bytes, int at, long inFile, long block)
      throws IOException {
    ByteBuffer page = bytes.duplicate().clear().limit(at + PageChecksum.PAGE);
    MemorySegment pages = MemorySegment.ofBuffer(bytes.duplicate().clear());
    ByteBuffer before = ByteBuffer.allocate(PageChecksum.PAGE);
    for (int attempt = 0; attempt < TRIES; attempt++) {
      before.clear().put(page.position(at).slice()).flip();
      page.position(at);
      while (page.hasRemaining()) {
        int count = file.read(page, inFile * PageChecksum.PAGE + page.position() - at);
        if (count < 0) {
          return false; // cut off by now
        }
      }
      if (PageChecksum.isRight(pages, at, block)) {
        return false;
      }
      page.position(at);
      if (page.equals(before)) {
        return !wasChangedMeanwhile(PageChecksum.lsn(pages, at));
      }
    }
    return false; // in use all the time
  }

  /// The header of a page that is only half written already has its new position in WAL. A damaged
  /// one has any, most of them far beyond.
  private boolean wasChangedMeanwhile(Lsn lsn) {
    return lsn.compareTo(start) >= 0 && lsn.compareTo(current.get()) <= 0;
  }
}
