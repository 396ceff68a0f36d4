package io.prova.engine;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.prova.base.TaskGroup;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.Check;
import io.prova.engine.pack.Frame;
import io.prova.engine.pack.PackIndex;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PackReader;
import io.prova.engine.pack.StoredPack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
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

  /// Where files go. Called by several threads.
  public interface Destination {

    void directory(ManifestLine.Directory directory) throws IOException;

    /// @return empty if the file is left out
    Optional<FileSink> file(ManifestLine.File file);

    /// Whether frames that hold nothing of a file that is wanted are decoded too.
    default boolean everyFrame() {
      return false;
    }
  }

  /// Takes the bytes of one file, in pieces that come in any order, from several threads.
  public interface FileSink {

    /// Whether what is there already need not come again. Only asked where [#reuses].
    ///
    /// @param scratch has room for as many bytes as are asked for
    default boolean holds(ByteBuffer scratch, long offset, Check expected) throws IOException {
      return false;
    }

    /// Whether [#holds] may be true.
    default boolean reuses() {
      return false;
    }

    /// Takes all that remains in `bytes`, which have proven to be as they were packed.
    void write(ByteBuffer bytes, long offset) throws IOException;

    /// Hears of bytes that are held already.
    default void kept(long bytes) {}

    /// All bytes have come.
    void finish() throws IOException;

    /// Not all bytes will come: closes what is open. No other call is running or follows.
    default void giveUp() throws IOException {}
  }

  private final PackReader packs;
  private final Destination destination;
  private final int workers;
  private final BlockingQueue<Bench> benches;
  private final Set<TargetFile> unfinished = ConcurrentHashMap.newKeySet();

  /// @param cores of the machine; no more than [PackPlan#MOST_WORKERS] are used
  public Unpacker(PackReader packs, Destination destination, int cores) {
    this.packs = packs;
    this.destination = destination;
    this.workers = Math.min(cores, PackPlan.MOST_WORKERS);
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
          case ManifestLine.Directory directory -> destination.directory(directory);
          case ManifestLine.File file -> {
            Optional<FileSink> sink = destination.file(file);
            if (sink.isPresent() && wanted != null) {
              wanted.files.add(new TargetFile(file, sink.get()));
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
      giveUp();
    }
  }

  private void giveUp() {
    for (TargetFile file : unfinished) {
      try {
        file.sink.giveUp();
      } catch (IOException e) {
        // why they were given up is thrown already
      }
    }
  }

  private void unpack(@Nullable Wanted wanted, TaskGroup group, Deque<Future<?>> pending)
      throws IOException, InterruptedException {
    if (wanted == null || (wanted.files.isEmpty() && !destination.everyFrame())) {
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
      if (!inRange.isEmpty() || destination.everyFrame()) {
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
      file.finishIfEmpty();
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
          unfinished.add(file);
          file.sink.write(raw, overlapFrom - file.rawAt());
          raw.clear();
          done(file, overlapTo - overlapFrom);
        }
      }
    }
  }

  /// Whether the frame's content is on the disk already: a frame of one file by its own check, a
  /// frame of whole files by theirs.
  private boolean isInPlace(Frame frame, List<TargetFile> files, Bench bench) throws IOException {
    List<TargetFile> inFrame = new ArrayList<>();
    for (TargetFile file : files) {
      if (file.rawAt() < frame.rawEnd() && file.rawEnd() > frame.rawAt()) {
        inFrame.add(file);
      }
    }
    if (inFrame.isEmpty()) {
      return !destination.everyFrame();
    }
    for (TargetFile file : inFrame) {
      if (!file.sink.reuses()) {
        return false;
      }
      boolean whole = file.rawAt() >= frame.rawAt() && file.rawEnd() <= frame.rawEnd();
      boolean onlyIts = file.rawAt() <= frame.rawAt() && file.rawEnd() >= frame.rawEnd();
      if (!whole && !onlyIts) {
        return false; // the last frame of a file whose padding is in it, and the like: fetch it
      }
      long offset = whole ? 0 : frame.rawAt() - file.rawAt();
      long length = whole ? file.size() : frame.raw();
      Check expected = whole ? file.check() : frame.check();
      unfinished.add(file);
      if (!file.sink.holds(bench.raw((int) length), offset, expected)) {
        return false;
      }
    }
    for (TargetFile file : inFrame) {
      long from = Math.max(file.rawAt(), frame.rawAt());
      long bytes = Math.min(file.rawEnd(), frame.rawEnd()) - from;
      file.sink.kept(bytes);
      done(file, bytes);
    }
    return true;
  }

  private void done(TargetFile file, long bytes) throws IOException {
    if (file.left.addAndGet(-bytes) == 0) {
      file.sink.finish();
      unfinished.remove(file);
    }
  }

  /// A file that several workers fill at once.
  private static final class TargetFile {

    private final ManifestLine.File line;
    private final FileSink sink;
    private final AtomicLong left;

    TargetFile(ManifestLine.File line, FileSink sink) {
      this.line = line;
      this.sink = sink;
      this.left = new AtomicLong(line.size());
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

    /// No frame has a byte of an empty file.
    void finishIfEmpty() throws IOException {
      if (line.size() == 0) {
        sink.finish();
      }
    }
  }
}
