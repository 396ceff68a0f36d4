package io.prova.testing;

import io.prova.base.Digest;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;

/// What lies below a directory, to compare it with what lies there later.
public final class FileTree {

  private final Map<String, String> files;

  private FileTree(Map<String, String> files) {
    this.files = files;
  }

  /// A directory that is not there is an empty tree.
  public static FileTree of(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    if (!Files.exists(root)) {
      return new FileTree(files);
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes)
              throws IOException {
            files.put(name(each) + "/", mode(each));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes)
              throws IOException {
            files.put(
                name(each),
                attributes.isSymbolicLink()
                    ? "-> " + Files.readSymbolicLink(each)
                    : mode(each) + " " + Digest.of(Files.readAllBytes(each)));
            return FileVisitResult.CONTINUE;
          }

          private String name(Path each) {
            return root.relativize(each).toString();
          }
        });
    return new FileTree(files);
  }

  private static String mode(Path each) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(each, LinkOption.NOFOLLOW_LINKS));
  }

  /// All but what lies below `directory`.
  public FileTree without(String directory) {
    Map<String, String> rest = new TreeMap<>(files);
    rest.keySet().removeIf(name -> name.startsWith(directory + "/"));
    return new FileTree(rest);
  }

  /// Path to mode and digest; directories end in a slash.
  public Map<String, String> files() {
    return files;
  }

  public static void copy(Path from, Path to) throws IOException {
    try (var all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }
}
