package io.prova.alert;

import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;

/// The files of the alerts, one each, replaced as a whole and durably.
///
/// A full disk is a common reason for an alert, and the files may be on that disk: what cannot be
/// written is kept in memory, and told from there, until it can.
final class AlertStore {

  /// A change takes milliseconds; after this long the lock's holder hangs, and we go on without.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Path directory;

  /// By key; empty for an alert whose file is to be removed.
  private final Map<String, Optional<AlertFile>> unwritten = new HashMap<>();

  /// @param readable by file name
  /// @param unreadable files that are no alerts, or the directory itself
  record Contents(Map<String, AlertFile> readable, List<Unreadable> unreadable) {}

  /// @param since when it was last written
  record Unreadable(Path path, Instant since) {}

  AlertStore(Path directory) {
    this.directory = directory;
  }

  /// Replaces what is kept of an alert by what `change` makes of it; empty means nothing is kept,
  /// before and after. Other processes may do the same at once.
  synchronized void change(String key, Function<Optional<AlertFile>, Optional<AlertFile>> change)
      throws InterruptedException {
    try (Hold _ = hold("alerts.lock", PATIENCE)) {
      unwritten.put(key, change.apply(find(key)));
      Map.copyOf(unwritten).forEach(this::write);
    }
  }

  private Optional<AlertFile> find(String key) {
    Optional<AlertFile> newest = unwritten.get(key);
    if (newest != null) {
      return newest;
    }
    try {
      return Optional.of(read(file(key)));
    } catch (IOException | JacksonException e) {
      return Optional.empty(); // absent, or what nobody can read any more and is replaced
    }
  }

  private void write(String key, Optional<AlertFile> content) {
    try {
      if (content.isPresent()) {
        DurableFiles.createDirectories(directory);
        DurableFiles.replace(file(key), Json.PRETTY.writeValueAsBytes(content.get()));
      } else {
        Files.deleteIfExists(file(key));
      }
      unwritten.remove(key);
    } catch (IOException e) {
      // It stays in memory and is written with the next change.
    }
  }

  /// Everything that is kept, in a stable order.
  synchronized Contents read() {
    Map<String, AlertFile> readable = new TreeMap<>();
    List<Unreadable> unreadable = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "[!.]*.json")) {
      for (Path file : files) {
        try {
          readable.put(file.getFileName().toString(), read(file));
        } catch (NoSuchFileException e) {
          // another process has just removed it: everyone had been told
        } catch (IOException | JacksonException e) {
          unreadable.add(unreadable(file));
        }
      }
    } catch (NoSuchFileException e) {
      // no alert yet
    } catch (IOException | DirectoryIteratorException e) {
      unreadable.add(unreadable(directory));
    }
    unwritten.forEach((key, newest) -> {
      readable.remove(name(key));
      newest.ifPresent(content -> readable.put(name(key), content));
    });
    return new Contents(readable, unreadable);
  }

  private static AlertFile read(Path file) throws IOException {
    return Json.LINE.readValue(Files.readAllBytes(file), AlertFile.class);
  }

  private static Unreadable unreadable(Path path) {
    try {
      return new Unreadable(path, Files.getLastModifiedTime(path).toInstant());
    } catch (IOException e) {
      return new Unreadable(path, Instant.EPOCH);
    }
  }

  private Path file(String key) {
    return directory.resolve(name(key));
  }

  /// The key for people, its digest for the machine.
  private static String name(String key) {
    String readable = key.replaceAll("[^A-Za-z0-9]+", "-");
    return readable.substring(0, Math.min(60, readable.length()))
        + "-"
        + Digest.of(key.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 12)
        + ".json";
  }

  /// Keeps other processes out until it is closed. When the lock cannot be had (a full disk, a
  /// process that hangs) it holds nothing: better to tell something twice than not at all.
  Hold hold(String name, Duration patience) throws InterruptedException {
    try {
      DurableFiles.createDirectories(directory);
      String me = "process " + ProcessHandle.current().pid();
      return new Hold(FileLock.awaitExclusive(directory.resolve(name), me, patience));
    } catch (IOException e) {
      return new Hold(Optional.empty());
    }
  }

  record Hold(Optional<FileLock> lock) implements AutoCloseable {

    @Override
    public void close() {
      try {
        if (lock.isPresent()) {
          lock.get().close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
