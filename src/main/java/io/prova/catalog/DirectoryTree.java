package io.prova.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/// Visits a directory's content in one fixed order, whatever the file system's: names by their
/// characters, a directory before what it contains. Memory grows with the names in the largest
/// single directory, not with the tree.
public final class DirectoryTree {

  private DirectoryTree() {}

  public enum Type {
    @JsonProperty("file")
    FILE,
    @JsonProperty("directory")
    DIRECTORY,
    @JsonProperty("link")
    LINK,
    @JsonProperty("other")
    OTHER
  }

  /// @param path relative to the root, with `/`
  public record Entry(String path, Type type, long size) {}

  @FunctionalInterface
  public interface Visitor {
    void visit(Entry entry) throws IOException, InterruptedException;
  }

  /// Links are visited, never followed.
  public static void walk(Path root, Visitor visitor) throws IOException, InterruptedException {
    walk(root, "", visitor);
  }

  private static void walk(Path directory, String prefix, Visitor visitor)
      throws IOException, InterruptedException {
    for (String name : sortedNames(directory)) {
      Path child = directory.resolve(name);
      BasicFileAttributes attributes =
          Files.readAttributes(child, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      String path = prefix + name;
      visitor.visit(new Entry(path, type(attributes), attributes.size()));
      if (attributes.isDirectory()) {
        walk(child, path + "/", visitor);
      }
    }
  }

  private static String[] sortedNames(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.map(child -> child.getFileName().toString()).sorted().toArray(String[]::new);
    }
  }

  private static Type type(BasicFileAttributes attributes) {
    if (attributes.isSymbolicLink()) {
      return Type.LINK;
    }
    if (attributes.isDirectory()) {
      return Type.DIRECTORY;
    }
    return attributes.isRegularFile() ? Type.FILE : Type.OTHER;
  }

  /// Compares relative paths in the order of [#walk].
  public static int compare(String a, String b) {
    String[] left = a.split("/");
    String[] right = b.split("/");
    for (int i = 0; i < Math.min(left.length, right.length); i++) {
      int byName = left[i].compareTo(right[i]);
      if (byName != 0) {
        return byName;
      }
    }
    return Integer.compare(left.length, right.length);
  }
}
