package io.prova.postgres;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A running cluster's files, as a backup must take them: what PostgreSQL's own base backup leaves
/// out is left out. Source: `src/backend/backup/basebackup.c` (`excludeDirContents`,
/// `excludeFiles`, `sendDir`).
///
/// Memory grows with the largest single directory, not with the cluster.
public final class DataDirectory {

  /// Pages of a relation segment: 1 GiB.
  public static final int SEGMENT_PAGES = 131_072;

  public static final String CONTROL_FILE = "global/pg_control";

  private static final Set<String> EMPTIED =
      Set.of(
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans",
          "pg_wal");

  private static final Set<String> LEFT_OUT =
      Set.of(
          "backup_label",
          "backup_label.old",
          "backup_manifest",
          "backup_manifest.tmp",
          "current_logfiles",
          "current_logfiles.tmp",
          "postgresql.auto.conf.tmp",
          "postmaster.opts",
          "postmaster.pid",
          "recovery.signal",
          "standby.signal",
          "tablespace_map",
          "tablespace_map.old");

  private static final Pattern TEMPORARY_RELATION =
      Pattern.compile("t[0-9]+_[0-9]+(?:_[a-z]+)?(?:\\.[0-9]+)?");

  /// `<relfilenode>[_fork][.<segment>]`
  private static final Pattern RELATION =
      Pattern.compile("([0-9]+)(?:_(fsm|vm|init))?(?:\\.([0-9]+))?");

  private static final Pattern DATABASE_DIRECTORY =
      Pattern.compile("(?:base|pg_tblspc/[0-9]+/PG_[^/]+)/[0-9]+");

  private static final Pattern TABLESPACE = Pattern.compile("pg_tblspc/[0-9]+");

  private final Path root;
  private final int major;

  /// @param major of the server: a tablespace may have files of others, after pg_upgrade
  public DataDirectory(Path root, int major) {
    this.root = root;
    this.major = major;
  }

  /// A file or directory of the cluster.
  ///
  /// @param path relative to the data directory, tablespaces below `pg_tblspc/<oid>`
  /// @param place where it is
  /// @param relation whether it has pages of a relation, with checksums where these are on
  /// @param firstBlock the number, in the relation's fork, of the file's first page
  public record Entry(
      String path, Path place, PosixFileAttributes attributes, boolean relation, long firstBlock) {

    public boolean isDirectory() {
      return attributes.isDirectory();
    }
  }

  /// The number, in its relation's fork, of the first page of a file; empty if the file has no
  /// pages with checksums.
  ///
  /// @param path relative to the data directory, tablespaces below `pg_tblspc/<oid>`
  public static OptionalLong firstBlock(String path) {
    int slash = path.lastIndexOf('/');
    String directory = slash < 0 ? "" : path.substring(0, slash);
    Matcher relation = RELATION.matcher(path.substring(slash + 1));
    return holdsRelations(directory) && relation.matches()
        ? OptionalLong.of(firstBlock(relation))
        : OptionalLong.empty();
  }

  private static boolean holdsRelations(String directory) {
    return directory.equals("global") || DATABASE_DIRECTORY.matcher(directory).matches();
  }

  private static long firstBlock(Matcher relation) {
    return relation.group(3) == null ? 0 : Long.parseLong(relation.group(3)) * SEGMENT_PAGES;
  }

  /// Takes entries, a directory before what is in it.
  @FunctionalInterface
  public interface Visitor {
    void visit(Entry entry) throws IOException, InterruptedException;
  }

  /// Visits all but `global/pg_control`, which a backup takes last.
  public void walk(Visitor visitor) throws IOException, InterruptedException {
    walk(root, "", visitor);
  }

  public Path controlFile() {
    return root.resolve(CONTROL_FILE);
  }

  public Path walFile(String name) {
    return root.resolve("pg_wal").resolve(name);
  }

  private void walk(Path directory, String path, Visitor visitor)
      throws IOException, InterruptedException {
    String[] children = sorted(directory);
    boolean database = DATABASE_DIRECTORY.matcher(path).matches();
    Set<String> unlogged = database ? unlogged(children) : Set.of();
    boolean relations = holdsRelations(path);
    for (String name : children) {
      String childPath = path.isEmpty() ? name : path + "/" + name;
      boolean ofAnotherMajor =
          TABLESPACE.matcher(path).matches() && !name.startsWith("PG_" + major + "_");
      if (isLeftOut(path, name) || childPath.equals(CONTROL_FILE) || ofAnotherMajor) {
        continue;
      }
      Matcher relation = RELATION.matcher(name);
      boolean isRelation = relations && relation.matches();
      if (isRelation && !"init".equals(relation.group(2)) && unlogged.contains(relation.group(1))) {
        continue;
      }
      if (database && TEMPORARY_RELATION.matcher(name).matches()) {
        continue;
      }
      visitChild(directory.resolve(name), childPath, isRelation ? relation : null, visitor);
    }
  }

  private void visitChild(Path child, String path, @Nullable Matcher relation, Visitor visitor)
      throws IOException, InterruptedException {
    // A tablespace is a link, and so may be pg_wal; any other link is not the cluster's.
    boolean mayBeLink = path.startsWith("pg_tblspc/") || path.equals("pg_wal");
    PosixFileAttributes attributes;
    try {
      attributes =
          mayBeLink
              ? Files.readAttributes(child, PosixFileAttributes.class)
              : Files.readAttributes(child, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return; // dropped since the directory was read; WAL says so too
    }
    if (attributes.isDirectory()) {
      visitor.visit(new Entry(path, child, attributes, false, 0));
      if (path.equals("pg_wal")) {
        for (String each : List.of("archive_status", "summaries")) {
          Path below = child.resolve(each);
          if (Files.isDirectory(below)) {
            visitor.visit(
                new Entry(
                    path + "/" + each,
                    below,
                    Files.readAttributes(below, PosixFileAttributes.class),
                    false,
                    0));
          }
        }
      } else if (!EMPTIED.contains(path)) {
        walk(child, path, visitor);
      }
    } else if (attributes.isRegularFile()) {
      long firstBlock = relation == null ? 0 : firstBlock(relation);
      visitor.visit(new Entry(path, child, attributes, relation != null, firstBlock));
    }
  }

  private static boolean isLeftOut(String directory, String name) {
    return name.startsWith("pgsql_tmp")
        || name.startsWith("pg_internal.init")
        || (directory.isEmpty() && LEFT_OUT.contains(name));
  }

  /// Relations that a crash empties: only their init fork is worth keeping.
  private static Set<String> unlogged(String[] children) {
    Set<String> unlogged = new HashSet<>();
    for (String name : children) {
      Matcher relation = RELATION.matcher(name);
      if (relation.matches() && "init".equals(relation.group(2))) {
        unlogged.add(relation.group(1));
      }
    }
    return unlogged;
  }

  /// Names only: a database of very many relations has all its files in one directory.
  private static String[] sorted(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(child -> names.add(child.getFileName().toString()));
    } catch (NoSuchFileException e) {
      return new String[0]; // a database that was dropped meanwhile
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    String[] sorted = names.toArray(String[]::new);
    Arrays.sort(sorted);
    return sorted;
  }
}
