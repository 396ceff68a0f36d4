package io.prova.secrets;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Reads the command lines of all processes below this one, over and over, as anybody on the
/// machine could.
final class ArgumentWatch implements AutoCloseable {

  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private volatile boolean over;
  private final Thread thread = Thread.ofPlatform().daemon().start(this::look);

  private void look() {
    while (!over) {
      ProcessHandle.current().descendants().forEach(each -> read(each.pid()));
      try {
        Thread.sleep(2); // a program of PostgreSQL lives at least ten times as long
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void read(long pid) {
    try {
      seen.add(
          Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
              .replace('\0', ' '));
    } catch (IOException e) {
      // it ended meanwhile
    }
  }

  Set<String> seen() {
    return new TreeSet<>(seen);
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    thread.join();
  }
}
