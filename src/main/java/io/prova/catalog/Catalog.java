package io.prova.catalog;

import static io.prova.base.Message.message;

import io.prova.base.Digest;
import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import io.prova.base.Problems;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The backups of a repository and what is known of them: proofs, pins, acceptances, each an object
/// of its own.
public final class Catalog {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final String PROOFS = "proofs";
  private static final String PINS = "pins";
  private static final String ACCEPTED = "accepted";

  private final Repository repository;
  private final Path root;

  Catalog(Repository repository) {
    this.repository = repository;
    this.root = repository.root();
  }

  /// All backups with what is known of them. What cannot be read is listed as a doubt, never left
  /// out silently.
  public Listing list() throws IOException {
    List<Listing.Entry> entries = new ArrayList<>();
    List<Message> doubts = new ArrayList<>();
    Map<String, Proof> proofs = new HashMap<>();
    for (String each : List.of(PROOFS, PINS, ACCEPTED)) {
      requireReadable(root.resolve(each), doubts);
    }
    for (BackupKind kind : BackupKind.values()) {
      List<Path> children = new ArrayList<>();
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(repository.directory(kind))) {
        stream.forEach(children::add);
      } catch (IOException | java.nio.file.DirectoryIteratorException e) {
        doubts.add(
            message("{0} cannot be listed: {1}", repository.directory(kind), Problems.of(e)));
      }
      for (Path child : children) {
        String name = child.getFileName().toString();
        if (!Label.isLabel(name) || Files.isRegularFile(child)) {
          continue; // a foreign file is not ours to judge; hidden ones are being made or swept
        }
        find(kind, child, doubts).ifPresent(backup -> addEntry(entries, backup, proofs, doubts));
      }
    }
    entries.sort(Comparator.comparingLong(entry -> entry.backup().sequence()));
    return new Listing(List.copyOf(entries), List.copyOf(doubts));
  }

  /// A repository is made with these directories. Without one of them every pin or every proof
  /// would seem never to have been.
  private static void requireReadable(Path directory, List<Message> doubts) {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      children.forEach(child -> {});
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      doubts.add(message("{0} cannot be listed: {1}", directory, e.toString()));
    }
  }

  private Optional<Backup> find(BackupKind kind, Path directory, List<Message> doubts) {
    try {
      return Optional.of(read(kind, directory));
    } catch (OperationFailed e) {
      if (isGone(directory)) {
        return Optional.empty(); // expiry took it away while we were reading
      }
      doubts.add(e.problem());
    } catch (IOException e) {
      doubts.add(message("{0} cannot be trusted: {1}", directory, Problems.of(e)));
    }
    return Optional.empty();
  }

  private static boolean isGone(Path directory) {
    try {
      Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return false;
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// @throws OperationFailed (DAMAGED, CLUSTER_MISMATCH) if it is not the backup that belongs there
  /// @throws DamagedException if its `backup.json` is
  /// @throws UnknownFormatException if a newer program wrote it
  private Backup read(BackupKind kind, Path directory) throws IOException {
    Backup backup;
    try {
      backup = CheckedJson.read(directory.resolve(BackupFiles.BACKUP), Backup.class);
    } catch (NoSuchFileException e) {
      throw new OperationFailed(
          Failure.DAMAGED,
          message(
              "{0} has no {1}, so it is not a backup (any more)", directory, BackupFiles.BACKUP));
    }
    if (backup.kind() != kind
        || !backup.label().text().equals(directory.getFileName().toString())
        || !backup.repository().equals(repository.marker().id())) {
      throw new OperationFailed(
          Failure.CLUSTER_MISMATCH,
          message(
              "{0} holds another backup: {1} {2} of repository {3}",
              directory, backup.kind().word(), backup.label().toString(), backup.repository()),
          message("It is not used and not removed. Move it to where it belongs."));
    }
    return backup;
  }

  private void addEntry(
      List<Listing.Entry> entries, Backup backup, Map<String, Proof> proofs, List<Message> doubts) {
    Proof proof = proofs.computeIfAbsent(backup.id(), id -> proof(backup, doubts));
    Optional<Pin> pin =
        readNote(root.resolve(PINS), backup, Pin.class, doubts)
            .filter(each -> each.backupId().equals(backup.id()));
    boolean accepted =
        readNote(root.resolve(ACCEPTED), backup, Acceptance.class, doubts)
            .filter(each -> each.backupId().equals(backup.id()))
            .isPresent();
    entries.add(new Listing.Entry(backup, proof, pin, accepted));
  }

  private static <T> Optional<T> readNote(
      Path directory, Backup backup, Class<T> type, List<Message> doubts) {
    Path file = directory.resolve(backup.label() + ".json");
    try {
      return Optional.of(CheckedJson.read(file, type));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      doubts.add(message("{0} cannot be trusted: {1}", file, Problems.of(e)));
      return Optional.empty();
    }
  }

  /// What the tests of a backup say. While one of them cannot be read nothing is proven: it may be
  /// the one that failed.
  private Proof proof(Backup backup, List<Message> doubts) {
    List<Message> own = new ArrayList<>();
    List<ProofRecord> records = proofRecords(backup.label(), backup.id(), own);
    for (ProofRecord record : records) {
      record.evidence().ifPresent(file -> checkEvidence(file, own));
    }
    doubts.addAll(own);
    return own.isEmpty() ? Proof.of(records) : Proof.of(records).withoutLevel();
  }

  private List<ProofRecord> proofRecords(Label label, String backupId, List<Message> doubts) {
    Path directory = root.resolve(PROOFS).resolve(label.text());
    List<ProofRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.json")) {
      for (Path file : files) {
        try {
          ProofRecord record = CheckedJson.read(file, ProofRecord.class);
          if (record.backupId().equals(backupId)) {
            records.add(record);
          }
        } catch (IOException e) {
          doubts.add(message("{0} cannot be trusted: {1}", file, Problems.of(e)));
        }
      }
    } catch (NoSuchFileException e) {
      // not tested yet
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      doubts.add(message("{0} cannot be listed: {1}", directory, Problems.of(e)));
    }
    return records;
  }

  /// The part of a drill's evidence that binds the pages beside it.
  ///
  /// @param pages digests by file name
  private record BoundPages(int format, Optional<Map<String, Digest>> pages) {}

  /// A proof is as good as its evidence.
  ///
  /// @param relative to the repository, as the proof says
  private void checkEvidence(String relative, List<Message> doubts) {
    Path file = root.resolve(relative).normalize();
    try {
      if (!file.startsWith(root.resolve("drills"))) {
        throw new DamagedException(message("it is not below drills"));
      }
      for (Map.Entry<String, Digest> page :
          CheckedJson.read(file, BoundPages.class).pages().orElse(Map.of()).entrySet()) {
        Path bound = file.resolveSibling(Path.of(page.getKey()).getFileName());
        if (!BackupFiles.digest(bound, bytes -> {}).equals(page.getValue())) {
          throw new DamagedException(message("{0} is not as it was written", bound));
        }
      }
    } catch (IOException e) {
      doubts.add(message("the evidence {0} cannot be trusted: {1}", file, Problems.of(e)));
    }
  }

  /// The backup of that label.
  ///
  /// @throws OperationFailed (NOT_FOUND) if there is none; (DAMAGED, CLUSTER_MISMATCH) if what is
  ///   there is not it
  /// @throws DamagedException if its `backup.json` is not as it was written
  /// @throws UnknownFormatException if a newer program wrote it
  public Listing.Entry require(Label label) throws IOException {
    Optional<Listing.Entry> found = list().find(label);
    if (found.isPresent()) {
      return found.get();
    }
    for (BackupKind kind : BackupKind.values()) {
      Path directory = repository.directory(kind).resolve(label.text());
      if (Files.isDirectory(directory)) {
        read(kind, directory); // and fails, as it did for the listing, but says how
      }
    }
    throw new OperationFailed(
        Failure.NOT_FOUND,
        message("there is no backup {0} in {1}", label.toString(), root),
        message(
            "prova list shows the backups, prova list --trash those that can be brought back."));
  }

  /// Labels of backups that a newer program wrote: whole, as far as this one can tell, and of no
  /// use to it.
  public List<Label> unknownFormats() throws IOException {
    List<Label> labels = new ArrayList<>();
    for (BackupKind kind : BackupKind.values()) {
      try (DirectoryStream<Path> children =
          Files.newDirectoryStream(repository.directory(kind), "[0-9]*")) {
        for (Path child : children) {
          String name = child.getFileName().toString();
          try {
            if (Label.isLabel(name)) {
              read(kind, child);
            }
          } catch (UnknownFormatException e) {
            labels.add(new Label(name));
          } catch (IOException | OperationFailed e) {
            // the listing's doubts have it
          }
        }
      }
    }
    return labels;
  }

  /// Adds a test's result, after all that are there.
  public void addProof(ProofRecord record) throws IOException {
    Path directory = root.resolve(PROOFS).resolve(record.label().text());
    DurableFiles.createDirectories(directory);
    putUnderFreeName(
        directory,
        STAMP.format(record.time()) + "-" + record.test(),
        ".json",
        CheckedJson.write(record.numbered(nextNumber(directory))));
  }

  private static long nextNumber(Path directory) throws IOException {
    long highest = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.json")) {
      for (Path file : files) {
        try {
          highest =
              Math.max(highest, CheckedJson.read(file, ProofRecord.class).number().orElse(0L));
        } catch (DamagedException | UnknownFormatException e) {
          // told by the listing; a new test is worth recording all the same
        }
      }
    }
    return highest + 1;
  }

  /// Where one drill's evidence goes; created.
  public Path evidenceDirectory(Label label) throws IOException {
    Path directory = root.resolve("drills").resolve(label.text());
    DurableFiles.createDirectories(directory);
    return directory;
  }

  private static Path putUnderFreeName(Path directory, String name, String suffix, byte[] content)
      throws IOException {
    for (int ordinal = 1; ; ordinal++) {
      Path file = directory.resolve(name + (ordinal == 1 ? "" : "-" + ordinal) + suffix);
      try {
        DurableFiles.putIfAbsent(file, content);
        return file;
      } catch (FileAlreadyExistsException e) {
        // two in the same millisecond: the next name
      }
    }
  }

  public void pin(Backup backup, Instant now, String who, String why) throws IOException {
    try {
      DurableFiles.putIfAbsent(
          root.resolve(PINS).resolve(backup.label() + ".json"),
          CheckedJson.write(
              new Pin(CheckedJson.FORMAT, backup.label(), backup.id(), now, who, why)));
    } catch (FileAlreadyExistsException e) {
      throw alreadyPinned(backup.label());
    }
  }

  public static OperationFailed alreadyPinned(Label label) {
    return new OperationFailed(
        Failure.USAGE,
        message("{0} is pinned already", label.toString()),
        message("prova show {0} says by whom and why.", label.toString()));
  }

  /// @return whether it was pinned
  public boolean unpin(Backup backup) throws IOException {
    boolean pinned = Files.deleteIfExists(root.resolve(PINS).resolve(backup.label() + ".json"));
    DurableFiles.syncDirectory(root.resolve(PINS));
    return pinned;
  }

  public void accept(Backup backup, Instant now, String who, String why) throws IOException {
    try {
      DurableFiles.putIfAbsent(
          root.resolve(ACCEPTED).resolve(backup.label() + ".json"),
          CheckedJson.write(
              new Acceptance(CheckedJson.FORMAT, backup.label(), backup.id(), now, who, why)));
    } catch (FileAlreadyExistsException e) {
      throw new OperationFailed(
          Failure.USAGE, message("{0} is accepted already", backup.label().toString()));
    }
  }
}
