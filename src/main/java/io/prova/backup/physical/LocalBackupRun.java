package io.prova.backup.physical;

import static io.prova.base.Message.message;

import io.prova.backup.BackupContext;
import io.prova.backup.NewBackup;
import io.prova.base.Digest;
import io.prova.base.Event;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Watchdog;
import io.prova.catalog.Backup;
import io.prova.catalog.Backup.Encryption;
import io.prova.catalog.Backup.StoredTablespace;
import io.prova.engine.Packer;
import io.prova.engine.layer.ManifestLine;
import io.prova.engine.layer.ManifestReader;
import io.prova.engine.layer.ManifestWriter;
import io.prova.engine.pack.BytesInMemory;
import io.prova.engine.pack.Member;
import io.prova.engine.pack.OpenFile;
import io.prova.engine.pack.PackPlan;
import io.prova.engine.pack.PageCheck;
import io.prova.engine.pack.StoredPack;
import io.prova.engine.seal.Recipient;
import io.prova.engine.seal.Seal;
import io.prova.postgres.ClusterFacts;
import io.prova.postgres.ControlFile;
import io.prova.postgres.DataDirectory;
import io.prova.postgres.Lsn;
import io.prova.postgres.OnlineBackup;
import io.prova.postgres.OnlineBackup.Stopped;
import io.prova.postgres.WalSegment;
import io.prova.storage.FileMode;
import io.prova.storage.Key;
import io.prova.storage.ObjectStore;
import io.prova.storage.limit.RateLimit;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/// Makes a physical backup by reading the data directory itself, on the database's host: with all
/// cores, every page's checksum verified on the way, into compressed packs.
final class LocalBackupRun {

  static final String METHOD = "local";

  private static final int MODE = 0600;
  private static final int MOST_NAMED = 20;

  private final BackupContext context;
  private final PhysicalPlan plan;
  private final NewBackup target;
  private final ObjectStore store;
  private final DataDirectory cluster;
  private final List<String> badPages = new ArrayList<>();
  private final AtomicLong badPageCount = new AtomicLong();
  private final OptionalLong expected;
  private final Optional<RateLimit> rate;
  private final Optional<Seal> seal;

  /// @param store what is put into it lies in the backup's directory
  LocalBackupRun(BackupContext context, PhysicalPlan plan, NewBackup target, ObjectStore store) {
    this.context = context;
    this.plan = plan;
    this.target = target;
    this.store = store;
    this.cluster = new DataDirectory(dataDirectory(plan.facts()), plan.facts().version().major());
    this.rate = plan.options().maxRate().map(most -> new RateLimit(most.bytes(), System::nanoTime));
    List<Recipient> recipients = plan.options().recipients();
    this.seal =
        recipients.isEmpty()
            ? Optional.empty()
            : Optional.of(new Seal(recipients, new SecureRandom()));
    long bytes = plan.facts().databases().stream().mapToLong(ClusterFacts.Database::bytes).sum();
    this.expected = bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
  }

  private static Path dataDirectory(ClusterFacts facts) {
    return Path.of(facts.setting("data_directory").orElseThrow());
  }

  /// @return the backup, which exists when this returns
  Backup run() throws IOException, InterruptedException {
    try (Watchdog watchdog = new Watchdog(plan.options().timeLimit())) {
      try {
        return backUp();
      } catch (InterruptedException | InterruptedIOException | ClosedByInterruptException e) {
        if (!watchdog.barked()) {
          throw e;
        }
        Thread.interrupted();
        throw new OperationFailed(
            Failure.BACKUP_FAILED,
            message("the backup was ended after {0}, its time limit", plan.options().timeLimit()),
            message("If it needs so long, raise `time_limit`."),
            e);
      }
    }
  }

  private Backup backUp() throws IOException, InterruptedException {
    plan.warnings().forEach(target::warn);
    target.copyConfigFiles(plan.facts(), seal);
    try (ClusterFingerprint fingerprint = ClusterFingerprint.prepare(context, plan, target::warn)) {
      Copied copied = copyCluster(fingerprint);
      Instant consistentAt = context.clock().instant();
      Stopped stopped = copied.stopped;
      ClusterFingerprint.Stored fingerprints =
          fingerprint.store(
              target.directory(),
              dataDirectory(plan.facts()),
              stopped.timeline(),
              stopped.stop(),
              seal);
      judgePages();
      // Where pages have no checksums, damage shows only in reading.
      fingerprints.corrupt().forEach(target::suspect);
      Backup.Physical physical =
          new Backup.Physical(
              METHOD,
              stopped.timeline(),
              stopped.start(),
              stopped.stop(),
              plan.facts().walSegmentBytes(),
              plan.facts().dataChecksums(),
              tablespaces(),
              fingerprints.files(),
              fingerprints.rows(),
              Optional.of(copied.packed));
      plan.shrinkage(physical, copied.packed.bytes()).forEach(target::suspect);
      return target.publish(
          new NewBackup.Content(
              plan.facts(), Map.of(), consistentAt, Optional.empty(), Optional.of(physical)),
          path -> Optional.ofNullable(copied.digests.get(path)),
          (path, digest) -> {},
          () -> {});
    }
  }

  /// What came of the copying.
  ///
  /// @param digests of the packs and the manifest, computed on the way
  private record Copied(Stopped stopped, Backup.Packed packed, Map<String, Digest> digests) {}

  private Copied copyCluster(ClusterFingerprint fingerprint)
      throws IOException, InterruptedException {
    context.events().accept(new Event.StepStarted(message("copy the cluster")));
    Rescue.put(store);
    Key manifestKey =
        new Key(seal.isPresent() ? ManifestWriter.OBJECT + Seal.SUFFIX : ManifestWriter.OBJECT);
    try (OnlineBackup online =
            OnlineBackup.start(
                context.connection(),
                plan.facts().version().major(),
                "prova_" + context.operation().replaceAll("[^a-z0-9]", "_"),
                plan.options().fastCheckpoint());
        ManifestWriter manifest = new ManifestWriter(store.create(manifestKey), seal);
        Packer packer = new Packer(store, "", packPlan(), seal, manifest, listener())) {
      online
          .slotTrouble()
          .ifPresent(trouble ->
              target.warn(
                  message("no replication slot keeps the WAL of this backup: {0}", trouble)));
      requireServersOwn(online.startLsn());
      // Whatever a snapshot sees from now on and nobody changes until the end is in the backup as
      // the snapshot sees it.
      fingerprint.begin();
      manifest.write(
          new ManifestLine.Head(
              ManifestReader.FORMAT, context.repository().marker().id(), context.operation()));
      PageVerifier pages = new PageVerifier(online.startLsn(), online::currentLsn);
      cluster.walk(entry -> packer.add(member(entry, pages)));
      // A page that is read after the backup's end may be newer than all its WAL.
      packer.awaitRead();
      addControlFile(packer);
      Stopped stopped = online.stop();
      addWal(packer, stopped);
      List<StoredPack> packs = packer.finish();
      ManifestWriter.Written written = manifest.finish();
      Map<String, Digest> digests = new HashMap<>();
      packs.forEach(pack -> digests.put(pack.name(), pack.sha256()));
      digests.put(manifestKey.path(), written.sha256());
      return new Copied(
          stopped,
          new Backup.Packed(
              manifestKey.path(),
              packs.size(),
              written.files(),
              written.bytes(),
              badPageCount.get(),
              seal.map(LocalBackupRun::encryption)),
          digests);
    }
  }

  private static Encryption encryption(Seal seal) {
    return new Encryption(
        Encryption.AGE, seal.recipients().stream().map(Recipient::toString).toList());
  }

  /// A clone has the same system identifier, and may lie at the same path where the connection goes
  /// through a tunnel; but the checkpoint that the server has just made is not in it.
  private void requireServersOwn(Lsn start) throws IOException {
    Lsn redo = ControlFile.parse(ControlFile.readWhole(cluster.controlFile())).redo();
    if (redo.compareTo(start) < 0) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message(
              "{0} on this host is not the server's data directory: its last checkpoint began at {1}, the server's at {2}",
              dataDirectory(plan.facts()), redo.toString(), start.toString()),
          message("Run Prova on the server's host, or set physical.method: pg_basebackup."));
    }
  }

  private PackPlan packPlan() {
    return PackPlan.of(
        plan.options().compressionLevel(), Runtime.getRuntime().availableProcessors());
  }

  private Packer.Listener listener() {
    return new Packer.Listener() {
      @Override
      public void read(long bytes) {
        target.progress(bytes, expected);
      }

      @Override
      public void damaged(String path, List<Integer> blocks) {
        badPageCount.addAndGet(blocks.size());
        synchronized (badPages) {
          if (badPages.size() < MOST_NAMED) {
            badPages.add(path + " " + blocks);
          }
        }
      }
    };
  }

  private Member member(DataDirectory.Entry entry, PageVerifier pages) {
    PosixFileAttributes attributes = entry.attributes();
    Instant mtime = attributes.lastModifiedTime().toInstant();
    int mode = FileMode.of(attributes.permissions());
    if (entry.isDirectory()) {
      return new Member.Directory(entry.path(), mode, mtime);
    }
    boolean checked = entry.relation() && plan.facts().dataChecksums();
    return new Member.File(
        entry.path(),
        mode,
        mtime,
        attributes.size(),
        () -> new LocalFile(entry.place(), rate),
        checked ? pages.of(entry.firstBlock()) : PageCheck.NONE);
  }

  /// A file of the data directory. Positional reads need no order.
  private static final class LocalFile implements OpenFile {

    private final FileChannel channel;
    private final Optional<RateLimit> rate;

    LocalFile(Path place, Optional<RateLimit> rate) throws IOException {
      this.rate = rate;
      channel = FileChannel.open(place, StandardOpenOption.READ);
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      if (rate.isPresent()) {
        rate.get().take(into.remaining());
      }
      return channel.read(into, offset);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private void add(Packer packer, String path, byte[] content)
      throws IOException, InterruptedException {
    packer.add(
        new Member.File(
            path,
            MODE,
            context.clock().instant(),
            content.length,
            () -> new BytesInMemory(content),
            PageCheck.NONE));
  }

  /// When everything else has been read: it must not be older than any file. And before the end,
  /// since a standby's says how far recovery must go, and WAL is kept up to the end.
  private void addControlFile(Packer packer) throws IOException, InterruptedException {
    add(packer, DataDirectory.CONTROL_FILE, ControlFile.readWhole(cluster.controlFile()));
  }

  /// What makes the copy consistent: where recovery begins, and the WAL up to the backup's end.
  private void addWal(Packer packer, Stopped stopped) throws IOException, InterruptedException {
    add(packer, "backup_label", stopped.label().getBytes(StandardCharsets.UTF_8));
    if (stopped.tablespaceMap().isPresent()) {
      add(packer, "tablespace_map", stopped.tablespaceMap().get().getBytes(StandardCharsets.UTF_8));
    }
    long segmentBytes = plan.facts().walSegmentBytes();
    for (WalSegment segment :
        WalSegment.between(stopped.timeline(), stopped.start(), stopped.stop(), segmentBytes)) {
      String name = segment.fileName(segmentBytes);
      Path file = cluster.walFile(name);
      try {
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        requireSize(file, attributes.size(), segmentBytes);
        packer.add(
            new Member.File(
                "pg_wal/" + name,
                MODE,
                attributes.lastModifiedTime().toInstant(),
                segmentBytes,
                () -> new LocalFile(file, rate),
                PageCheck.NONE));
      } catch (NoSuchFileException e) {
        throw lacking(file);
      }
    }
  }

  private static void requireSize(Path file, long bytes, long expected) {
    if (bytes != expected) {
      throw new OperationFailed(
          Failure.BACKUP_FAILED,
          message("{0} has {1} bytes instead of {2}", file, bytes, expected));
    }
  }

  private static OperationFailed lacking(Path file) {
    return new OperationFailed(
        Failure.BACKUP_FAILED,
        message("the server has removed WAL that this backup needs: {0}", file),
        message(
            "Raise wal_keep_size or max_replication_slots, so that WAL is kept while a backup runs."));
  }

  private List<StoredTablespace> tablespaces() {
    return plan.facts().tablespaces().stream()
        .filter(each -> each.location().startsWith("/"))
        .map(each ->
            new StoredTablespace(
                each.oid(), each.name(), each.location(), "pg_tblspc/" + each.oid()))
        .toList();
  }

  /// The backup is kept, since most of it is good; nothing older is removed because of it.
  private void judgePages() {
    if (badPageCount.get() > 0) {
      Message found =
          message(
              "{0} {0|page|pages} of the server {0|has|have} a wrong checksum: {1}",
              badPageCount.get(), badPages);
      target.suspect(found);
    }
  }
}
