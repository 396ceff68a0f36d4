package io.prova.retention;

import static io.prova.testing.BackupBuilder.backup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prova.catalog.Repository;
import io.prova.testing.BackupBuilder;
import io.prova.testing.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that answers part of a listing and then an error. `-Dfaults=` says how many calls are
/// tried, one in each run.
@Tag("slow")
class ExpireUnderFaultsTest {

  private static final Instant FIRST = Instant.parse("2026-10-01T05:00:00Z");
  private static final String NOW = "2026-11-22T12:00:00Z";
  private static final int FAULTS = Integer.getInteger("faults", 40);

  @TempDir private Path parent;

  @Test
  void aListingThatFailsHalfWayRemovesNothing() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "strace is not installed");
    Path whole = parent.resolve("whole");
    Repository repository =
        Repository.create(whole, "main", BackupBuilder.SYSTEM, ZoneOffset.UTC, FIRST);
    for (int day = 0; day < 5; day++) {
      backup().started(FIRST.plus(Duration.ofDays(day))).sequence(day + 1).publishIn(repository);
    }
    Set<String> all = listed(whole);
    Set<String> newest = Set.of("2026-10-05_05-00");
    int held = 0;
    int done = 0;
    for (int call = 1; call <= FAULTS; call++) {
      Path copy = parent.resolve("copy-" + call);
      FileTree.copy(whole, copy);
      expire(copy, call);
      Set<String> left = listed(copy);
      if (left.equals(all)) {
        held++;
      } else {
        // The call that failed was none of the listing's, or there were fewer.
        assertThat(left).as("call " + call).isEqualTo(newest);
        done++;
      }
    }
    System.out.println(
        FAULTS + " faults: " + held + " removed nothing, " + done + " did not matter");
    assertThat(held).isGreaterThanOrEqualTo(12);
    assertThat(done).isPositive();
  }

  private static Set<String> listed(Path repository) throws IOException {
    try (var names = Files.list(repository.resolve("logicos"))) {
      return new TreeSet<>(names.map(each -> each.getFileName().toString()).toList());
    }
  }

  private static void expire(Path repository, int failingCall) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=getdents64",
                "-e",
                "inject=getdents64:error=EIO:when=" + failingCall,
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                ExpireOnce.class.getName(),
                repository.toString(),
                NOW));
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(repository.resolveSibling(repository.getFileName() + ".out").toFile())
        .start()
        .waitFor();
  }
}
