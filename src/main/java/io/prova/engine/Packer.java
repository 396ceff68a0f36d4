package io.prova.engine;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.prova.base.TaskGroup;
import io.prova.engine.layer.Layer;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.Check;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.OpenFile;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PackWriter;
import io.prova.engine.pack.StoredPack;
import io.prova.engine.pack.Tar;
import io.prova.engine.seal.Seal;
import io.prova.storage.Key;
import io.prova.storage.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Packs files: reads, checks their pages, compresses, and writes packs and the manifest's lines.
///
/// One thread adds members and cuts them into chunks, each of which becomes one frame. Workers
/// fill, check and compress chunks beside each other, several inside one file; a finished chunk is
/// written (and sealed, where that is asked for) when all before it are, by the worker that
/// completes the row. So there is no thread that only waits, frames keep their order, and each
/// stored byte is hashed and written once.
///
/// Memory: [#IN_FLIGHT] frames a worker, compressed, and one raw frame a worker, whatever is
/// packed.
public final class Packer implements AutoCloseable {

  /// Finished or running, for each worker: enough that a slow frame does not stop the others.
  private static final int IN_FLIGHT = 4;

  /// A shared pack holds at most so many members, so that their lines fit in memory until it is
  /// closed.
  private static final int MOST_MEMBERS = 20_000;

  /// Packs that are being made durable while the next ones are written.
  private static final int COMMITTING = 4;

  /// The room that a header or padding takes beside a frame's worth of content.
  private static final int MARGIN = 16 * 1024;

  /// Hears what happens, from several threads; what it is not interested in it leaves out.
  public interface Listener {

    /// So many more raw bytes were read.
    default void read(long bytes) {}

    /// A member was there when the files were listed, and is no more.
    default void vanished(String path) {}

    /// Blocks of a file whose checksum is wrong.
    default void damaged(String path, List<Integer> blocks) {}
  }

  private final ObjectStore store;
  private final String prefix;
  private final PackPlan plan;
  private final Optional<Seal> seal;
  private final ManifestWriter manifest;
  private final Listener listener;
  private final TaskGroup workers;
  private final TaskGroup committers = TaskGroup.ofWaiters();
  private final Semaphore inFlight;
  private final BlockingQueue<Bench> benches;
  private final BlockingQueue<ByteBuffer> frames;
  private final Set<OpenFile> open = ConcurrentHashMap.newKeySet();
  private final Set<PackWriter> unfinished = ConcurrentHashMap.newKeySet();

  // What the adding thread knows.
  private List<Slice> slices = new ArrayList<>();
  private int sliceBytes;
  private int pack;
  private long packBytes;
  private int packMembers;
  private long chunks;

  // The row of finished chunks; guarded by `row`.
  private final Map<Long, Finished> row = new HashMap<>();
  private long nextInRow;
  private boolean writing;
  private volatile @Nullable Throwable failure;

  // Only whoever is `writing` touches these.
  private @Nullable PackWriter writer;
  private int writerPack;
  private final List<ManifestLine> lines = new ArrayList<>();
  private final Deque<Future<?>> commits = new ArrayDeque<>();
  private final List<StoredPack> packs = new ArrayList<>();

  /// @param prefix of the packs' keys, before `000001.tar.zst` and so on; empty or ending in `/`
  /// @param manifest gets a line for each pack and, behind it, for each member in it
  public Packer(
      ObjectStore store, String prefix, PackPlan plan, ManifestWriter manifest, Listener listener) {
    this(store, prefix, plan, Optional.empty(), manifest, listener);
  }

  /// @param prefix of the packs' keys, before `000001.tar.zst` and so on; empty or ending in `/`
  /// @param seal for whom the packs are sealed; their names then end in `.age`
  /// @param manifest gets a line for each pack and, behind it, for each member in it
  public Packer(
      ObjectStore store,
      String prefix,
      PackPlan plan,
      Optional<Seal> seal,
      ManifestWriter manifest,
      Listener listener) {
    this.store = store;
    this.prefix = prefix;
    this.plan = plan;
    this.seal = seal;
    this.manifest = manifest;
    this.listener = listener;
    this.workers = TaskGroup.ofWorkers(plan.workers());
    int flying = IN_FLIGHT * plan.workers();
    this.inFlight = new Semaphore(flying);
    this.benches = new ArrayBlockingQueue<>(plan.workers());
    this.frames = new ArrayBlockingQueue<>(flying);
    int rawBytes = plan.frameBytes() + MARGIN;
    for (int i = 0; i < plan.workers(); i++) {
      benches.add(new Bench(rawBytes, plan.level()));
    }
    for (int i = 0; i < flying; i++) {
      frames.add(ByteBuffer.allocateDirect((int) Zstd.compressBound(rawBytes)));
    }
  }

  /// A worker's place.
  private static final class Bench {
    final ByteBuffer raw;
    final ZstdCompressCtx zstd = new ZstdCompressCtx();

    Bench(int rawBytes, int level) {
      raw = ByteBuffer.allocateDirect(rawBytes);
      zstd.setLevel(level).setChecksum(true).setContentSize(true);
    }
  }

  /// A file on its way through the chunks.
  private static final class Passing {
    final Member.File member;
    final long size;
    final AtomicInteger slicesLeft;
    final @Nullable OpenFile open;
    Check check = Check.EMPTY;
    long at;
    final List<Integer> badPages = new ArrayList<>();

    Passing(Member.File member, long size, int slices, @Nullable OpenFile open) {
      this.member = member;
      this.size = size;
      this.slicesLeft = new AtomicInteger(slices);
      this.open = open;
    }
  }

  /// A part of a member in a chunk.
  ///
  /// @param file absent for a directory
  /// @param offset in the file
  /// @param length of content; the header comes before the first, padding after the last
  private record Slice(
      Member member,
      @Nullable Passing file,
      boolean header,
      long offset,
      int length,
      boolean last) {}

  /// What became of a slice.
  ///
  /// @param contentAt where its content is in the chunk
  private record Packed(Slice slice, Check check, int contentAt, List<Integer> badPages) {}

  private record Chunk(long number, int pack, List<Slice> slices) {}

  private record Finished(
      Chunk chunk, ByteBuffer frame, int rawBytes, Check check, List<Packed> packed) {}

  /// Adds a member. It is read later, by a worker; [#awaitRead] tells when.
  public void add(Member member) throws IOException, InterruptedException {
    switch (member) {
      case Member.Directory directoryMember -> {
        int bytes = Tar.headerBytes(directoryMember.path(), true);
        makeRoom(bytes, bytes);
        slice(new Slice(directoryMember, null, true, 0, 0, true), bytes);
      }
      case Member.File file -> addFile(file);
    }
  }

  private void addFile(Member.File file) throws IOException, InterruptedException {
    int header = Tar.headerBytes(file.path(), false);
    if (header > MARGIN / 2) {
      throw new IOException("the name of " + file.path() + " is too long to be packed");
    }
    long whole = header + file.size() + Tar.paddingAfter(file.size());
    if (whole <= plan.frameBytes()) {
      makeRoom((int) whole, whole);
      Passing passing = new Passing(file, file.size(), 1, null);
      slice(new Slice(file, passing, true, 0, (int) file.size(), true), (int) whole);
      return;
    }
    OpenFile opened;
    try {
      opened = file.opener().open();
    } catch (NoSuchFileException e) {
      listener.vanished(file.path());
      return;
    }
    open.add(opened);
    addInParts(file, header, opened, opened.size());
  }

  private void addInParts(Member.File file, int header, OpenFile opened, long size)
      throws IOException, InterruptedException {
    boolean own = size >= plan.ownPackFrom();
    endChunk();
    if (own || packBytes + size > plan.sharedPackBytes()) {
      startPack();
    }
    int parts = 1 + (int) ((size + plan.frameBytes() - 1) / plan.frameBytes());
    Passing passing = new Passing(file, size, parts, opened);
    // The header is a frame of its own, so that frames hold whole pages, in their order.
    slice(new Slice(file, passing, true, 0, 0, size == 0), header);
    endChunk();
    for (long offset = 0; offset < size; offset += plan.frameBytes()) {
      int length = (int) Math.min(plan.frameBytes(), size - offset);
      boolean last = offset + length == size;
      slice(
          new Slice(file, passing, false, offset, length, last),
          length + (last ? Tar.paddingAfter(size) : 0));
      endChunk();
    }
    if (own) {
      startPack();
    }
  }

  private void slice(Slice slice, int bytes) {
    if (slice.header) {
      packMembers++;
    }
    slices.add(slice);
    sliceBytes += bytes;
    packBytes += bytes;
  }

  /// For members that share a chunk and a pack with others.
  private void makeRoom(int bytes, long wholeBytes) throws IOException, InterruptedException {
    if (sliceBytes + bytes > plan.frameBytes()) {
      endChunk();
    }
    if (packBytes + wholeBytes > plan.sharedPackBytes() || packMembers >= MOST_MEMBERS) {
      endChunk();
      startPack();
    }
  }

  private void startPack() {
    if (packBytes > 0) {
      pack++;
      packBytes = 0;
      packMembers = 0;
    }
  }

  /// Hands the chunk to the workers.
  private void endChunk() throws IOException, InterruptedException {
    if (slices.isEmpty()) {
      return;
    }
    Chunk chunk = new Chunk(chunks++, pack, List.copyOf(slices));
    slices = new ArrayList<>();
    sliceBytes = 0;
    inFlight.acquire();
    throwFailure();
    Future<?> _ = workers.submit(() -> work(chunk));
  }

  private void throwFailure() throws IOException, InterruptedException {
    switch (failure) {
      case null -> {}
      case IOException io -> throw io;
      case InterruptedException interrupted -> throw interrupted;
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      case Throwable other -> throw new IllegalStateException(other);
    }
  }

  private Void work(Chunk chunk) {
    try {
      if (failure == null) {
        Bench bench = benches.take();
        Finished finished;
        try {
          finished = make(chunk, bench);
        } finally {
          benches.add(bench);
        }
        enterRow(finished);
      }
    } catch (Throwable e) { // an OutOfMemoryError of a worker must end the backup too
      if (failure == null) {
        failure = e; // what comes after the first mostly follows from it
      }
      inFlight.release(IN_FLIGHT * plan.workers()); // whoever waits is to see it
    }
    return null;
  }

  private Finished make(Chunk chunk, Bench bench) throws IOException, InterruptedException {
    ByteBuffer raw = bench.raw.clear();
    List<Packed> packed = new ArrayList<>(chunk.slices.size());
    for (Slice slice : chunk.slices) {
      fill(slice, raw, packed);
    }
    raw.flip();
    ByteBuffer frame = frames.take().clear();
    if (!raw.hasRemaining()) {
      return new Finished(chunk, frame.flip(), 0, Check.EMPTY, packed);
    }
    int stored =
        bench.zstd.compressDirectByteBuffer(frame, 0, frame.capacity(), raw, 0, raw.remaining());
    frame.limit(stored);
    boolean onlyContent = packed.size() == 1 && packed.getFirst().slice.length == raw.remaining();
    Check check = onlyContent ? packed.getFirst().check : Check.of(raw);
    return new Finished(chunk, frame, raw.remaining(), check, packed);
  }

  private void fill(Slice slice, ByteBuffer raw, List<Packed> packed) throws IOException {
    Passing file = slice.file;
    if (file == null) {
      Member each = slice.member;
      Tar.putHeader(raw, each.path(), true, 0, each.mode(), each.mtime());
      packed.add(new Packed(slice, Check.EMPTY, raw.position(), List.of()));
      return;
    }
    if (file.open != null) {
      packed.add(fill(slice, file, file.open, raw));
      if (file.slicesLeft.decrementAndGet() == 0) {
        open.remove(file.open);
        file.open.close();
      }
      return;
    }
    try (OpenFile open = file.member.opener().open()) {
      packed.add(fill(slice, file, open, raw));
    } catch (NoSuchFileException e) {
      listener.vanished(file.member.path());
    }
  }

  private Packed fill(Slice slice, Passing file, OpenFile open, ByteBuffer raw) throws IOException {
    if (slice.header) {
      Tar.putHeader(
          raw, file.member.path(), false, file.size, file.member.mode(), file.member.mtime());
    }
    int begin = raw.position();
    int end = begin + slice.length;
    raw.limit(end);
    while (raw.hasRemaining()) {
      int count = open.read(raw, slice.offset + raw.position() - begin);
      if (count < 0) {
        break; // cut while it was read: WAL says what became of it
      }
    }
    int read = raw.position() - begin;
    zeroes(raw, end - raw.position());
    raw.limit(raw.capacity());
    List<Integer> bad =
        slice.length == 0
            ? List.of()
            : file.member.pages().damaged(open, raw, begin, read, slice.offset);
    if (!bad.isEmpty()) {
      listener.damaged(file.member.path(), bad);
    }
    Check check = Check.of(raw, begin, slice.length);
    if (slice.last) {
      zeroes(raw, Tar.paddingAfter(file.size));
    }
    listener.read(slice.length);
    return new Packed(slice, check, begin, bad);
  }

  private static void zeroes(ByteBuffer out, int count) {
    for (int i = 0; i < count; i++) {
      out.put((byte) 0);
    }
  }

  /// Puts a finished chunk into the row; whoever completes it writes what is ready.
  private void enterRow(Finished finished) throws IOException, InterruptedException {
    synchronized (row) {
      row.put(finished.chunk.number, finished);
      if (writing) {
        return;
      }
      writing = true;
    }
    while (true) {
      Finished next;
      synchronized (row) {
        next = row.remove(nextInRow);
        if (next == null) {
          writing = false;
          return;
        }
        nextInRow++;
      }
      write(next);
      frames.add(next.frame);
      inFlight.release();
    }
  }

  private void write(Finished finished) throws IOException, InterruptedException {
    if (finished.chunk.pack != writerPack) {
      endPack();
      writerPack = finished.chunk.pack;
    }
    PackWriter out = writer;
    if (out == null) {
      String name = packName(writerPack);
      out = new PackWriter(name, store.create(new Key(prefix + name)), seal);
      unfinished.add(out);
      writer = out;
    }
    long base = out.raw();
    if (finished.rawBytes > 0) {
      out.append(finished.frame, finished.rawBytes, finished.check);
    }
    for (Packed each : finished.packed) {
      addLine(each, base, packName(writerPack));
    }
  }

  /// @param number from 0 on
  private String packName(int number) {
    String name = String.format(Locale.ROOT, "%06d.tar.zst", number + 1);
    return seal.isPresent() ? name + Seal.SUFFIX : name;
  }

  private void addLine(Packed packed, long base, String packName) {
    Slice slice = packed.slice;
    Passing file = slice.file;
    if (file == null) {
      lines.add(new ManifestLine.Directory(slice.member.path(), octal(slice.member.mode())));
      return;
    }
    if (slice.offset == 0 && (slice.length > 0 || slice.last)) {
      file.at = base + packed.contentAt;
    }
    file.check = file.check.then(packed.check, slice.length);
    file.badPages.addAll(packed.badPages);
    if (slice.last) {
      lines.add(
          new ManifestLine.File(
              file.member.path(),
              file.size,
              octal(file.member.mode()),
              file.member.mtime(),
              file.check,
              List.of(new Layer(Layer.Kind.BASE, packName, file.at)),
              file.badPages));
    }
  }

  private static String octal(int mode) {
    return String.format(Locale.ROOT, "%04o", mode);
  }

  /// Closes the pack that is being written, if one is: the tar's end, the index, the manifest's
  /// lines. It becomes durable beside the next one's writing.
  private void endPack() throws IOException, InterruptedException {
    PackWriter out = writer;
    if (out == null) {
      return;
    }
    writer = null;
    ByteBuffer end = ByteBuffer.allocateDirect(Tar.END_BYTES);
    ByteBuffer frame = ByteBuffer.allocateDirect((int) Zstd.compressBound(Tar.END_BYTES));
    try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
      zstd.setLevel(1).setChecksum(true).setContentSize(true);
      frame.limit(zstd.compressDirectByteBuffer(frame, 0, frame.capacity(), end, 0, Tar.END_BYTES));
    }
    out.append(frame, Tar.END_BYTES, Check.of(end));
    StoredPack stored = out.finish();
    manifest.write(new ManifestLine.Pack(stored));
    for (ManifestLine line : lines) {
      manifest.write(line);
    }
    lines.clear();
    packs.add(stored);
    commits.addLast(
        committers.submit(() -> {
          out.commit();
          out.close();
          unfinished.remove(out);
          return null;
        }));
    if (commits.size() > COMMITTING) {
      TaskGroup.join(commits.removeFirst());
    }
  }

  /// Returns when all that was added has been read. What belongs to one moment or to one stretch of
  /// time is only then over.
  public void awaitRead() throws IOException, InterruptedException {
    endChunk();
    int all = IN_FLIGHT * plan.workers();
    inFlight.acquire(all);
    inFlight.release(all);
    throwFailure();
  }

  /// Writes all that was added; when it returns, every pack is durable.
  ///
  /// @return the packs
  public List<StoredPack> finish() throws IOException, InterruptedException {
    endChunk();
    int all = IN_FLIGHT * plan.workers();
    inFlight.acquire(all);
    throwFailure();
    endPack();
    while (!commits.isEmpty()) {
      TaskGroup.join(commits.removeFirst());
    }
    return List.copyOf(packs);
  }

  /// Ends what still runs. What was not finished leaves no pack behind but those that were already
  /// whole; they belong to no manifest.
  @Override
  public void close() throws IOException {
    workers.close();
    committers.close();
    benches.forEach(bench -> bench.zstd.close());
    List<IOException> failed = new ArrayList<>();
    unfinished.forEach(each -> close(each::close, failed));
    open.forEach(each -> close(each::close, failed));
    if (!failed.isEmpty()) {
      throw failed.getFirst();
    }
  }

  @FunctionalInterface
  private interface Closing {
    void run() throws IOException;
  }

  /// One that cannot be closed does not keep the others open.
  private static void close(Closing closing, List<IOException> failed) {
    try {
      closing.run();
    } catch (IOException e) {
      failed.add(e);
    }
  }
}
