package io.prova.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prova.catalog.BackupFiles;
import io.prova.catalog.Damage;
import io.prova.catalog.TrashNote;
import io.prova.journal.JournalVerification;
import io.prova.storage.DurableFiles;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaSite;
import io.prova.testing.RunningProva;
import io.prova.testing.Strace;
import io.prova.testing.Strace.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Killed exactly before a system call that changes the repository: what is listed afterwards is
/// the old state or the new one, never half of it.
class CrashPointsTest {

  private static final String[] CHANGING = {
    "rename", "link", "unlink", "rmdir", "mkdir", "fsync", "symlink"
  };

  private static PgCluster cluster;
  private ProvaSite site;

  @BeforeAll
  static void startCluster() throws Exception {
    assumeTrue(Strace.works(), "strace is not installed, or may not trace here");
    cluster = PgCluster.start(PgCluster.installedBin(), List.of("--wal-segsize=1"));
    cluster.sql("postgres", "CREATE TABLE orders AS SELECT i FROM generate_series(1, 1000) i");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = ProvaSite.of(cluster);
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
  }

  private Path trace() {
    return site.root().resolve("trace");
  }

  private List<Call> record(String[] calls, String... command) throws Exception {
    RunningProva.Result result =
        site.start(Strace.recording(trace(), calls), List.of(), command).await();
    assertThat(result.exitCode()).as("%s", result).isZero();
    return Strace.read(trace());
  }

  private Set<String> labels() throws IOException {
    return site.list().entries().stream()
        .map(entry -> entry.label().text())
        .collect(Collectors.toSet());
  }

  private void kill(Call call, String... command) throws Exception {
    RunningProva.Result result =
        site.start(Strace.killing(call.name(), call.when()), List.of(), command).await();
    assertThat(result.exitCode()).as("killed at %s: %s", call, result).isNotZero();
    assertThat(site.awaitNoWorkers(30)).isEmpty();
  }

  private void requireWhole() throws Exception {
    assertThat(site.damages()).isEmpty();
    assertThat(site.verifyJournal()).isInstanceOf(JournalVerification.Intact.class);
    var contents = site.repository().trash().contents();
    assertThat(contents.withoutNote()).isEmpty();
    for (TrashNote note : contents.notes()) {
      List<Damage> damage = new ArrayList<>();
      BackupFiles.verify(
          site.repositoryRoot()
              .resolve("trash/" + note.kind().directory() + "/" + note.label().text()),
          site.repository().trash().backup(note).orElseThrow().checksums(),
          bytes -> {},
          damage::add);
      assertThat(damage).isEmpty();
    }
  }

  private static Call find(List<Call> calls, String name, String part) {
    return calls.stream()
        .filter(call -> call.name().equals(name) && call.rest().contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " of " + part + " in " + calls));
  }

  @Test
  void aBackupKilledAroundItsPublicationIsThereWhollyOrNotAtAll() throws Exception {
    List<Call> calls = record(new String[] {"rename", "link", "fsync"}, "backup", "--logical");
    Call publication = find(calls, "rename", "/.incoming-");
    Call afterwards =
        calls.stream()
            .skip(calls.indexOf(publication))
            .filter(
                call -> call.name().equals("fsync") && call.thread().equals(publication.thread()))
            .findFirst()
            .orElseThrow();
    Map<Call, Integer> appearing = new LinkedHashMap<>();
    appearing.put(find(calls, "link", "/backup.json"), 0);
    appearing.put(publication, 0);
    appearing.put(afterwards, 1);
    for (Map.Entry<Call, Integer> each : appearing.entrySet()) {
      int before = labels().size();
      kill(each.getKey(), "backup", "--logical");
      assertThat(labels()).as("%s", each.getKey()).hasSize(before + each.getValue());
      requireWhole();
    }
    site.succeed("backup", "--logical");
    requireWhole();
    assertThat(site.leftovers())
        .allMatch(path -> path.getFileName().toString().startsWith(".tmp-"));
  }

  @Test
  void anExpiryKilledHalfWayHasRemovedWholeBackupsOrNone() throws Exception {
    for (int i = 0; i < 3; i++) {
      site.succeed("backup", "--logical");
    }
    site.set("retention", "{keep_days: 0, keep_last: 2, undo_window: 1 d}").succeed("expire");
    site.set("retention", "{keep_days: 0, keep_last: 1, undo_window: 0 s}");
    Path copy = site.root().resolve("copy");
    copy(site.repositoryRoot(), copy);
    List<Call> calls = record(new String[] {"rename", "unlink"}, "expire");
    Set<String> kept = labels();
    for (Call call :
        List.of(
            find(calls, "rename", "/.leaving-"),
            find(calls, "unlink", "/.leaving-"),
            calls.stream()
                .filter(each ->
                    each.name().equals("rename")
                        && each.rest().matches("\".*/repository/logicos/.*"))
                .findFirst()
                .orElseThrow())) {
      copy(copy, site.repositoryRoot());
      kill(call, "expire");
      requireWhole();
      assertThat(labels()).containsAll(kept);
      site.succeed("expire");
      assertThat(labels()).isEqualTo(kept);
      assertThat(site.leftovers()).isEmpty();
    }
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    DurableFiles.deleteTree(to);
    assertThat(
            new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }

  /// Changing calls of a command, spread over its run: about `-Dpoints` of them, each in its turn.
  private List<Call> enumerate(List<Call> calls) {
    int most = Integer.getInteger("points", 60);
    Map<String, Integer> highest = new LinkedHashMap<>();
    calls.forEach(call -> highest.merge(call.name(), call.when(), Math::max));
    List<Call> points = new ArrayList<>();
    highest.forEach((name, count) -> {
      int step = Math.max(1, count * highest.size() / most);
      for (int when = 1; when <= count; when += step) {
        points.add(new Call("", name, when, ""));
      }
    });
    return points;
  }

  private void killEverywhere(String... command) throws Exception {
    site.set("retention", "{keep_days: 0, keep_last: 3, undo_window: 0 s}");
    site.succeed(command);
    List<Call> calls = record(CHANGING, command);
    List<Call> points = enumerate(calls);
    int killed = 0;
    int published = 0;
    for (Call point : points) {
      Set<String> before = labels();
      RunningProva.Result result =
          site.start(Strace.killing(point.name(), point.when()), List.of(), command).await();
      killed += result.exitCode() == 0 ? 0 : 1;
      assertThat(site.awaitNoWorkers(30)).as("%s", point).isEmpty();
      requireWhole();
      long fresh = labels().stream().filter(label -> !before.contains(label)).count();
      assertThat(fresh).as("%s", point).isBetween(0L, 1L);
      published += (int) fresh;
    }
    site.succeed(command);
    requireWhole();
    assertThat(site.leftovers())
        .allMatch(path -> path.getFileName().toString().startsWith(".tmp-"));
    System.out.printf(
        "%s: %d points, %d killed, %d times the new backup was there already%n",
        String.join(" ", command), points.size(), killed, published);
  }

  @Test
  @Tag("slow")
  void aLogicalBackupMayBeKilledBeforeAnyCallThatChangesTheDisk() throws Exception {
    killEverywhere("backup", "--logical");
  }

  @Test
  @Tag("slow")
  void aPhysicalBackupMayBeKilledBeforeAnyCallThatChangesTheDisk() throws Exception {
    killEverywhere("backup", "--physical");
  }

  @Test
  @Tag("slow")
  void anExpiryMayBeKilledBeforeAnyCallThatChangesTheDisk() throws Exception {
    for (int i = 0; i < 4; i++) {
      site.succeed("backup", "--logical");
    }
    site.set("retention", "{keep_days: 0, keep_last: 3, undo_window: 1 d}").succeed("expire");
    site.set("retention", "{keep_days: 0, keep_last: 1, undo_window: 0 s}");
    Path copy = site.root().resolve("copy");
    copy(site.repositoryRoot(), copy);
    List<Call> points = enumerate(record(CHANGING, "expire"));
    Set<String> kept = labels();
    int killed = 0;
    for (Call point : points) {
      copy(copy, site.repositoryRoot());
      RunningProva.Result result =
          site.start(Strace.killing(point.name(), point.when()), List.of(), "expire").await();
      killed += result.exitCode() == 0 ? 0 : 1;
      requireWhole();
      assertThat(labels()).as("%s", point).containsAll(kept);
      site.succeed("expire");
      assertThat(labels()).as("%s", point).isEqualTo(kept);
      requireWhole();
    }
    System.out.printf("expire: %d points, %d killed%n", points.size(), killed);
  }

  /// What may fail without the backup failing: who holds a lock (a note in `sessions`), the room
  /// kept back, the journal's record of the end and the state of alerts (which are told).
  private static boolean mayFail(String call) {
    return call.contains(".holder")
        || call.contains("/reserve")
        || call.contains("/journal")
        || call.contains("/sessions>")
        || call.contains("/alerts");
  }

  private void failEverywhere(String error, String... command) throws Exception {
    site.succeed(command);
    int highest =
        record(new String[] {"fsync"}, command).stream().mapToInt(Call::when).max().orElseThrow();
    int step = Math.max(1, highest / Integer.getInteger("points", 20));
    int failed = 0;
    int tried = 0;
    for (int when = 1; when <= highest; when += step) {
      Set<String> before = labels();
      RunningProva.Result result =
          site.start(Strace.failing(trace(), "fsync", error, when), List.of(), command).await();
      List<String> injected =
          Files.readAllLines(trace()).stream().filter(line -> line.contains("INJECTED")).toList();
      tried++;
      if (result.exitCode() == 0) {
        assertThat(injected).as("success in spite of %s", error).allMatch(CrashPointsTest::mayFail);
      } else {
        failed++;
        assertThat(result.exitCode()).as("%s", result).isBetween(10, 70);
        assertThat(site.leftovers())
            .allMatch(path -> path.getFileName().toString().startsWith(".tmp-"));
      }
      assertThat(labels()).containsAll(before);
      requireWhole();
    }
    site.succeed(command);
    requireWhole();
    System.out.printf(
        "%s with %s of fsync: %d of %d, tried %d, failed %d%n",
        String.join(" ", command), error, highest, highest, tried, failed);
  }

  @Test
  @Tag("slow")
  void anFsyncThatFailsIsNeverASuccess() throws Exception {
    failEverywhere("EIO", "backup", "--logical");
    failEverywhere("ENOSPC", "backup", "--logical");
    failEverywhere("EIO", "backup", "--physical");
  }
}
