package io.prova.storage.fs;

import io.prova.storage.DurableFiles;
import io.prova.storage.Key;
import io.prova.storage.ObjectPage;
import io.prova.storage.ObjectStat;
import io.prova.storage.ObjectStore;
import io.prova.storage.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Objects as files (0600) below one directory (0700), keys as their paths.
///
/// An object is written under a hidden name beside its place, synced, and linked to its name:
/// link(2) fails when the name is taken, so creation is exclusive among processes, also over NFS.
/// Then its directory is synced. Hidden names are no objects: a killed writer leaves one, and
/// [#sweep] removes it.
public final class LocalObjectStore implements ObjectStore {

  private static final String TEMPORARY = ".writing-";

  private final Path root;

  /// @param root a directory that exists
  public LocalObjectStore(Path root) {
    this.root = root;
  }

  private Path file(Key key) {
    return root.resolve(key.path());
  }

  @Override
  public ObjectWriter create(Key key) throws IOException {
    Path file = file(key);
    DurableFiles.createParents(file);
    return new Writer(file, file.resolveSibling(TEMPORARY + UUID.randomUUID()));
  }

  private static final class Writer implements ObjectWriter {

    private final Path file;
    private final Path temporary;
    private final FileChannel channel;

    /// Bytes of a write that failed, which must be given again before anything else.
    private int owed;

    /// After a sync that failed, the kernel may have dropped what it could not write.
    private boolean lost;

    Writer(Path file, Path temporary) throws IOException {
      this.file = file;
      this.temporary = temporary;
      this.channel = DurableFiles.openNew(temporary);
    }

    @Override
    public void write(ByteBuffer content) throws IOException {
      if (owed > 0 && content.remaining() != owed) {
        throw notWhole();
      }
      try {
        while (content.hasRemaining()) {
          channel.write(content);
        }
      } finally {
        owed = content.remaining();
      }
    }

    private IOException notWhole() {
      return new IOException("a write to " + file + " failed before, so it is not whole");
    }

    @Override
    public void commit() throws IOException {
      if (owed > 0 || lost) {
        throw notWhole();
      }
      if (channel.isOpen()) {
        lost = true;
        channel.force(true);
        channel.close();
        lost = false;
      }
      try {
        Files.createLink(file, temporary);
      } catch (UnsupportedOperationException e) {
        throw new IOException(
            "the file system of " + file + " has no hard links, which exclusive creation needs", e);
      }
      Files.delete(temporary);
      DurableFiles.syncParent(file);
    }

    @Override
    public void close() throws IOException {
      channel.close();
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public int read(Key key, long offset, ByteBuffer into) throws IOException {
    int before = into.position();
    try (FileChannel channel = FileChannel.open(file(key), StandardOpenOption.READ)) {
      long at = offset;
      while (into.hasRemaining()) {
        int count = channel.read(into, at);
        if (count < 0) {
          break;
        }
        at += count;
      }
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      // A directory opens, and only then refuses to be read.
      throw Files.isDirectory(file(key)) ? new NoSuchFileException(key.path()) : e;
    }
    return into.position() - before;
  }

  @Override
  public Optional<ObjectStat> stat(Key key) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file(key), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile()
          ? Optional.of(new ObjectStat(key, attributes.size()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public ObjectPage list(String prefix, Optional<Key> after, int limit) throws IOException {
    int slash = prefix.lastIndexOf('/');
    Listing listing = new Listing(prefix, after.map(Key::path).orElse(""), limit);
    listing.visit(
        slash < 0 ? root : root.resolve(prefix.substring(0, slash)),
        slash < 0 ? "" : prefix.substring(0, slash + 1));
    return new ObjectPage(listing.found, !listing.more);
  }

  /// Walks in the order of keys, and not into directories whose keys all come before the page.
  private static final class Listing {

    private final String prefix;
    private final String after;
    private final int limit;
    private final List<ObjectStat> found = new ArrayList<>();
    private boolean more;

    Listing(String prefix, String after, int limit) {
      this.prefix = prefix;
      this.after = after;
      this.limit = limit;
    }

    /// @param above the key of `directory` with a trailing `/`, or empty
    void visit(Path directory, String above) throws IOException {
      for (Child child : children(directory, above)) {
        if (more) {
          return;
        }
        if (child.isDirectory) {
          // "a/" with everything below it comes before `after` unless `after` lies in it or before.
          if (child.sortName.compareTo(after) > 0 || after.startsWith(child.sortName)) {
            visit(child.path, child.sortName);
          }
        } else if (child.sortName.compareTo(after) > 0) {
          if (found.size() == limit) {
            more = true;
          } else {
            found.add(new ObjectStat(new Key(child.sortName), child.bytes));
          }
        }
      }
    }

    private List<Child> children(Path directory, String above) throws IOException {
      List<Child> children = new ArrayList<>();
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
        for (Path path : stream) {
          child(path, above).ifPresent(children::add);
        }
      } catch (NoSuchFileException | NotDirectoryException e) {
        return List.of();
      } catch (java.nio.file.DirectoryIteratorException e) {
        throw e.getCause();
      }
      children.sort(Comparator.comparing(Child::sortName));
      return children;
    }

    private Optional<Child> child(Path path, String above) throws IOException {
      String name = above + path.getFileName();
      BasicFileAttributes attributes;
      try {
        attributes =
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      } catch (NoSuchFileException e) {
        return Optional.empty(); // deleted since the directory was opened
      }
      boolean directory = attributes.isDirectory();
      String sortName = directory ? name + "/" : name;
      boolean wanted =
          directory
              ? sortName.startsWith(prefix) || prefix.startsWith(sortName)
              : attributes.isRegularFile() && name.startsWith(prefix);
      return wanted && isKey(name)
          ? Optional.of(new Child(path, sortName, directory, attributes.size()))
          : Optional.empty();
    }

    private static boolean isKey(String name) {
      try {
        return new Key(name).path().equals(name);
      } catch (IllegalArgumentException e) {
        return false; // a foreign or a hidden file
      }
    }
  }

  /// @param sortName a directory's with `/`, as its children's keys begin
  private record Child(Path path, String sortName, boolean isDirectory, long bytes) {}

  @Override
  public boolean delete(Key key) throws IOException {
    Path file = file(key);
    if (stat(key).isEmpty() || !Files.deleteIfExists(file)) {
      return false;
    }
    DurableFiles.syncParent(file);
    return true;
  }

  /// Removes what killed writers left below `prefix`. Only for whoever knows that nobody writes
  /// there.
  public void sweep(String prefix) throws IOException {
    Path directory = root.resolve(prefix);
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory, TEMPORARY + "*")) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
  }
}
