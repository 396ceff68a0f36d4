package io.prova.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLockTest {

  @TempDir Path directory;

  @Test
  void whoWaitsGetsTheLockOnceItIsFree() throws Exception {
    Path file = directory.resolve("lock");
    FileLock first = FileLock.tryExclusive(file, "first").orElseThrow();
    assertThat(FileLock.awaitExclusive(file, "second", Duration.ofMillis(30))).isEmpty();
    Thread owner =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Thread.sleep(100);
                first.close();
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    try (FileLock second =
        FileLock.awaitExclusive(file, "second", Duration.ofSeconds(20)).orElseThrow()) {
      assertThat(second).isNotNull();
      assertThat(FileLock.holder(file)).contains("second");
    }
    owner.join();
  }

  @Test
  void aLockIsTakenEvenWhereNobodyCanWriteWhoHasIt() throws IOException {
    Path file = directory.resolve("lock");
    Path holder = directory.resolve("lock.holder");
    Files.createDirectory(holder);
    Files.createFile(holder.resolve("in the way"));
    try (FileLock lock = FileLock.tryExclusive(file, "me").orElseThrow()) {
      assertThat(lock).isNotNull();
      assertThat(FileLock.tryExclusive(file, "someone else")).isEmpty();
      assertThat(FileLock.holder(file)).isEmpty();
    }
  }
}
