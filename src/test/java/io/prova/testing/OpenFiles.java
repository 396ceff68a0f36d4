package io.prova.testing;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What this process has open, as Linux tells.
public final class OpenFiles {

  private OpenFiles() {}

  /// The files below `directory` that are open, each as often as it is.
  public static List<Path> below(Path directory) throws IOException {
    List<Path> open = new ArrayList<>();
    try (DirectoryStream<Path> handles = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path handle : handles) {
        try {
          Path file = Files.readSymbolicLink(handle);
          if (file.startsWith(directory)) {
            open.add(file);
          }
        } catch (NoSuchFileException e) {
          // closed meanwhile, such as the one that lists
        }
      }
    }
    return open;
  }
}
