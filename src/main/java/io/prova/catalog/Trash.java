package io.prova.catalog;

import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Backups that retention let go of, for as long as they can be brought back.
public final class Trash {

  static final String LEAVING = ".leaving-";

  private final Repository repository;

  Trash(Repository repository) {
    this.repository = repository;
  }

  /// What lies in it.
  ///
  /// @param withoutNote directories whose note is missing or unreadable: they are not purged
  public record Contents(List<TrashNote> notes, List<Path> withoutNote) {}

  Path directory(BackupKind kind) {
    return repository.root().resolve("trash").resolve(kind.directory());
  }

  private Path trashedDirectory(TrashNote note) {
    return directory(note.kind()).resolve(note.label().text());
  }

  private Path noteFile(BackupKind kind, Label label) {
    return directory(kind).resolve(label + ".json");
  }

  /// Takes a backup out of the listing, in one rename; its note is written before. The caller holds
  /// both locks.
  public void put(Backup backup, Instant now, String operation, String reason) throws IOException {
    DurableFiles.createDirectories(directory(backup.kind()));
    Path note = noteFile(backup.kind(), backup.label());
    Files.deleteIfExists(note); // of a move that a crash cut off before its rename
    DurableFiles.putIfAbsent(
        note,
        CheckedJson.write(
            new TrashNote(
                CheckedJson.FORMAT,
                backup.kind(),
                backup.label(),
                backup.id(),
                now,
                operation,
                reason)));
    DurableFiles.rename(
        repository.directory(backup), directory(backup.kind()).resolve(backup.label().text()));
  }

  /// Removes notes about what is not in the trash (any more): a crash came between the two. The
  /// caller holds the writer's lock.
  void sweepNotes() throws IOException {
    for (BackupKind kind : BackupKind.values()) {
      if (!Files.isDirectory(directory(kind))) {
        continue;
      }
      try (DirectoryStream<Path> notes = Files.newDirectoryStream(directory(kind), "*.json")) {
        for (Path note : notes) {
          String name = note.getFileName().toString();
          String label = name.substring(0, name.length() - ".json".length());
          if (Label.isLabel(label) && !Files.exists(note.resolveSibling(label))) {
            Files.deleteIfExists(note);
          }
        }
      }
    }
  }

  public Contents contents() throws IOException {
    List<TrashNote> notes = new ArrayList<>();
    List<Path> withoutNote = new ArrayList<>();
    for (BackupKind kind : BackupKind.values()) {
      if (!Files.isDirectory(directory(kind))) {
        continue;
      }
      try (DirectoryStream<Path> children = Files.newDirectoryStream(directory(kind))) {
        for (Path child : children) {
          String name = child.getFileName().toString();
          if (!Label.isLabel(name)) {
            continue;
          }
          try {
            notes.add(CheckedJson.read(noteFile(kind, new Label(name)), TrashNote.class));
          } catch (IOException e) {
            withoutNote.add(child);
          }
        }
      }
    }
    notes.sort(Comparator.comparing(TrashNote::trashedAt));
    return new Contents(List.copyOf(notes), List.copyOf(withoutNote));
  }

  /// The backup that lies in the trash; empty where its `backup.json` cannot be read.
  public Optional<Backup> backup(TrashNote note) {
    try {
      return Optional.of(
          CheckedJson.read(trashedDirectory(note).resolve(BackupFiles.BACKUP), Backup.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Brings a backup back from the trash. The caller holds the writer's lock.
  public void bringBack(TrashNote note) throws IOException {
    DurableFiles.rename(
        trashedDirectory(note), repository.directory(note.kind()).resolve(note.label().text()));
    Files.deleteIfExists(noteFile(note.kind(), note.label()));
  }

  /// Gives up a trashed backup for good. The caller holds both locks. The name goes first, in one
  /// rename, the bytes after: a crash in between leaves bytes without a name, which [#sweep]
  /// removes.
  public void purge(TrashNote note) throws IOException {
    Path leaving = directory(note.kind()).resolve(LEAVING + UUID.randomUUID());
    DurableFiles.rename(trashedDirectory(note), leaving);
    Files.deleteIfExists(noteFile(note.kind(), note.label()));
    DurableFiles.deleteTree(leaving);
  }
}
