package io.prova.engine;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.prova.base.TaskGroup;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.Check;
import io.prova.engine.pack.Frame;
import io.prova.engine.pack.PackIndex;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.StoredPack;
import io.prova.storage.FileMode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Puts files back from packs.
///
/// The manifest is read once, in a stream; the files of one pack follow its line. A pack's frames
/// are cut into ranges, and workers take ranges: read, decode, check, write to where each file's
/// bytes belong. So one large segment keeps all of them busy, and memory is a range a worker.
///
/// With [Destination#reuse], frames whose bytes are on the disk already are not fetched; equal
/// means of equal [Check], never of equal time.
public final class Unpacker {

  /// Stored and raw bytes that a worker holds at once, about.
  private static final int RANGE_BYTES = 4 * 1024 * 1024;

  /// Ranges that wait or run, for each worker.
  private static final int IN_FLIGHT = 4;

  private static final int PAGE = 8192;

  /// Where files go, and what becomes of them. Called by several threads.
  public interface Destination {

    /// @return where the file or directory of that path goes; empty if it is left out
    Optional<Path> place(String path);

    /// Hears that a file or directory has all its bytes and its mode.
    void placed(Path file) throws IOException;

    /// Hears of raw bytes that are where they belong now.
    void wrote(long bytes);

    /// Whether what is on the disk may be kept where it is right. Otherwise a file that exists is
    /// an error.
    boolean reuse();
  }

  private final PackReader packs;
  private final Destination destination;
  private final int workers;
  private final BlockingQueue<Bench> benches;

  public Unpacker(PackReader packs, Destination destination, int workers) {
    this.packs = packs;
    this.destination = destination;
    this.workers = workers;
    this.benches = new ArrayBlockingQueue<>(workers);
    for (int i = 0; i < workers; i++) {
      benches.add(new Bench());
    }
  }

  /// A worker's place.
  private static final class Bench {
    final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    ByteBuffer stored = ByteBuffer.allocateDirect(RANGE_BYTES);
    ByteBuffer raw = ByteBuffer.allocateDirect(1024 * 1024 + 64 * 1024);

    ByteBuffer stored(int bytes) {
      if (stored.capacity() < bytes) {
        stored = ByteBuffer.allocateDirect(bytes);
      }
      return stored.clear().limit(bytes);
    }

    ByteBuffer raw(int bytes) {
      if (raw.capacity() < bytes) {
        raw = ByteBuffer.allocateDirect(Math.min(bytes, PackIndex.MOST_FRAME_BYTES));
      }
      return raw.clear().limit(bytes);
    }
  }

  /// A pack with the files that are wanted of it.
  private static final class Wanted {
    final StoredPack pack;
    final List<TargetFile> files = new ArrayList<>();

    Wanted(StoredPack pack) {
      this.pack = pack;
    }
  }

  /// Reads `manifest` to its end and puts back what its destination wants.
  ///
  /// @throws BadObjectException naming the object that is not as it was written; what was written
  ///   to the destination by then must not be used
  public void run(ManifestReader manifest) throws IOException, InterruptedException {
    Deque<Future<?>> pending = new ArrayDeque<>();
    try (TaskGroup group = TaskGroup.ofWorkers(workers)) {
      Wanted wanted = null;
      for (Optional<ManifestLine> line = manifest.next();
          line.isPresent();
          line = manifest.next()) {
        switch (line.get()) {
          case ManifestLine.Head _, ManifestLine.End _ -> {}
          case ManifestLine.Pack pack -> {
            unpack(wanted, group, pending);
            wanted = new Wanted(pack.pack());
          }
          case ManifestLine.Directory directory -> makeDirectory(directory);
          case ManifestLine.File file -> {
            Optional<Path> place = destination.place(file.path());
            if (place.isPresent() && wanted != null) {
              wanted.files.add(new TargetFile(file, place.get(), destination));
            }
          }
        }
      }
      unpack(wanted, group, pending);
      while (!pending.isEmpty()) {
        TaskGroup.join(pending.removeFirst());
      }
    } finally {
      benches.forEach(bench -> bench.zstd.close());
    }
  }

  private void makeDirectory(ManifestLine.Directory directory) throws IOException {
    Optional<Path> place = destination.place(directory.path());
    if (place.isEmpty()) {
      return;
    }
    if (!Files.isDirectory(place.get())) { // the tops are there before
      Files.createDirectory(place.get());
    }
    Files.setPosixFilePermissions(
        place.get(), FileMode.permissions(Integer.parseInt(directory.mode(), 8)));
    destination.placed(place.get());
  }

  private void unpack(@Nullable Wanted wanted, TaskGroup group, Deque<Future<?>> pending)
      throws IOException, InterruptedException {
    if (wanted == null || wanted.files.isEmpty()) {
      return;
    }
    List<Frame> frames = packs.frames(wanted.pack);
    int firstFile = 0;
    for (int from = 0; from < frames.size(); ) {
      int to = rangeEnd(frames, from);
      long rawFrom = frames.get(from).rawAt();
      long rawTo = frames.get(to - 1).rawEnd();
      while (firstFile < wanted.files.size() && wanted.files.get(firstFile).rawEnd() < rawFrom) {
        firstFile++;
      }
      List<TargetFile> inRange = new ArrayList<>();
      for (int i = firstFile; i < wanted.files.size() && wanted.files.get(i).rawAt() < rawTo; i++) {
        if (wanted.files.get(i).rawEnd() > rawFrom) {
          inRange.add(wanted.files.get(i));
        }
      }
      if (!inRange.isEmpty()) {
        List<Frame> range = frames.subList(from, to);
        StoredPack pack = wanted.pack;
        pending.addLast(group.submit(() -> unpack(pack, range, inRange)));
        if (pending.size() > IN_FLIGHT * workers) {
          TaskGroup.join(pending.removeFirst());
        }
      }
      from = to;
    }
    for (TargetFile file : wanted.files) {
      file.placeIfEmpty();
    }
  }

  private static int rangeEnd(List<Frame> frames, int from) {
    int to = from;
    while (to < frames.size()
        && (to == from
            || (frames.get(to).end() - frames.get(from).at() <= RANGE_BYTES
                && frames.get(to).rawEnd() - frames.get(from).rawAt() <= RANGE_BYTES))) {
      to++;
    }
    return to;
  }

  private Void unpack(StoredPack pack, List<Frame> range, List<TargetFile> files)
      throws IOException, InterruptedException {
    Bench bench = benches.take();
    try {
      // Runs of frames that are needed are fetched at once.
      int from = 0;
      while (from < range.size()) {
        if (isInPlace(range.get(from), files, bench)) {
          from++;
          continue;
        }
        int to = from + 1;
        while (to < range.size() && !isInPlace(range.get(to), files, bench)) {
          to++;
        }
        fetch(pack, range.subList(from, to), files, bench);
        from = to;
      }
    } finally {
      benches.add(bench);
    }
    return null;
  }

  private void fetch(StoredPack pack, List<Frame> frames, List<TargetFile> files, Bench bench)
      throws IOException {
    long begin = frames.getFirst().at();
    ByteBuffer stored = bench.stored((int) (frames.getLast().end() - begin));
    packs.readFully(pack, begin, stored);
    for (Frame frame : frames) {
      int at = (int) (frame.at() - begin);
      stored.limit(at + frame.stored()).position(at);
      ByteBuffer raw = bench.raw(frame.raw());
      PackReader.decode(bench.zstd, pack, frame, stored, raw);
      for (TargetFile file : files) {
        long overlapFrom = Math.max(file.rawAt(), frame.rawAt());
        long overlapTo = Math.min(file.rawEnd(), frame.rawEnd());
        if (overlapFrom < overlapTo) {
          raw.limit((int) (overlapTo - frame.rawAt()))
              .position((int) (overlapFrom - frame.rawAt()));
          file.write(raw, overlapFrom - file.rawAt());
          raw.clear();
        }
      }
    }
  }

  /// Whether the frame's content is on the disk already: a frame of one file by its own check, a
  /// frame of whole files by theirs.
  private boolean isInPlace(Frame frame, List<TargetFile> files, Bench bench) throws IOException {
    if (!destination.reuse()) {
      return false;
    }
    List<TargetFile> inFrame = new ArrayList<>();
    for (TargetFile file : files) {
      if (file.rawAt() < frame.rawEnd() && file.rawEnd() > frame.rawAt()) {
        inFrame.add(file);
      }
    }
    for (TargetFile file : inFrame) {
      boolean whole = file.rawAt() >= frame.rawAt() && file.rawEnd() <= frame.rawEnd();
      boolean onlyIts = file.rawAt() <= frame.rawAt() && file.rawEnd() >= frame.rawEnd();
      if (!whole && !onlyIts) {
        return false; // the last frame of a file whose padding is in it, and the like: fetch it
      }
      long offset = whole ? 0 : frame.rawAt() - file.rawAt();
      long length = whole ? file.size() : frame.raw();
      Check expected = whole ? file.check() : frame.check();
      if (!file.holds(bench.raw((int) length), offset, expected)) {
        return false;
      }
    }
    for (TargetFile file : inFrame) {
      long from = Math.max(file.rawAt(), frame.rawAt());
      file.kept(Math.min(file.rawEnd(), frame.rawEnd()) - from);
    }
    return true;
  }

  /// A file that is being put back, by several workers at once.
  private static final class TargetFile {

    private final ManifestLine.File line;
    private final Path place;
    private final Destination destination;
    private @Nullable RandomAccessFile open;
    private long left;

    TargetFile(ManifestLine.File line, Path place, Destination destination) {
      this.line = line;
      this.place = place;
      this.destination = destination;
      this.left = line.size();
    }

    long size() {
      return line.size();
    }

    long rawAt() {
      return line.base().at();
    }

    long rawEnd() {
      return rawAt() + line.size();
    }

    Check check() {
      return line.check();
    }

    /// @return whether the disk has these bytes; `into` is used to read them
    boolean holds(ByteBuffer into, long offset, Check expected) throws IOException {
      if (!Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      FileChannel channel = channel();
      while (into.hasRemaining()) {
        if (channel.read(into, offset + into.position()) < 0) {
          return false;
        }
      }
      return Check.of(into.flip()).equals(expected);
    }

    private synchronized FileChannel channel() throws IOException {
      RandomAccessFile file = open;
      if (file == null) {
        if (!destination.reuse()) {
          Files.createFile(place);
        }
        file = new RandomAccessFile(place.toFile(), "rw");
        open = file;
        if (file.length() != line.size()) {
          file.setLength(line.size());
        }
      }
      return file.getChannel();
    }

    /// Writes what remains in `bytes`. In a new file pages of zeroes stay holes.
    void write(ByteBuffer bytes, long offset) throws IOException {
      FileChannel channel = channel();
      int begin = bytes.position();
      int end = bytes.limit();
      for (int from = begin; from < end; ) {
        boolean hole = !destination.reuse() && isZeroPage(bytes, from, end);
        int to = destination.reuse() ? end : endOfRun(bytes, from, end, hole);
        if (!hole) {
          bytes.limit(to).position(from);
          for (long at = offset + from - begin; bytes.hasRemaining(); ) {
            at += channel.write(bytes, at);
          }
          bytes.limit(end);
        }
        from = to;
      }
      kept(end - begin);
    }

    /// Where the run of pages ends that are all zeroes (or all not).
    private static int endOfRun(ByteBuffer bytes, int from, int end, boolean zeroes) {
      int at = from;
      while (at < end && isZeroPage(bytes, at, end) == zeroes) {
        at = Math.min(end, at + PAGE);
      }
      return at;
    }

    private static boolean isZeroPage(ByteBuffer bytes, int from, int end) {
      if (end - from < PAGE) {
        return false;
      }
      for (int at = from; at < from + PAGE; at += Long.BYTES) {
        if (bytes.getLong(at) != 0) {
          return false;
        }
      }
      return true;
    }

    void kept(long bytes) throws IOException {
      boolean last;
      synchronized (this) {
        left -= bytes;
        last = left == 0;
      }
      destination.wrote(bytes);
      if (last) {
        finish();
      }
    }

    /// No frame has a byte of an empty file.
    void placeIfEmpty() throws IOException {
      if (line.size() == 0) {
        channel();
        finish();
      }
    }

    private synchronized void finish() throws IOException {
      RandomAccessFile file = open;
      if (file != null) {
        file.close();
        open = null;
      }
      Files.setPosixFilePermissions(place, FileMode.permissions(Integer.parseInt(line.mode(), 8)));
      Files.setLastModifiedTime(place, FileTime.from(line.mtime()));
      destination.placed(place);
    }
  }
}
