package io.prova.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.catalog.BackupFiles;
import io.prova.catalog.BackupKind;
import io.prova.catalog.Damage;
import io.prova.catalog.Label;
import io.prova.catalog.Listing;
import io.prova.catalog.TrashNote;
import io.prova.journal.JournalVerification;
import io.prova.storage.DurableFiles;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaSite;
import io.prova.testing.RunningProva;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `kill -9` of the real program at random moments of everything it does. `-Drounds=` and `-Dseed=`
/// choose how many and which.
@Tag("slow")
class CrashSweepTest {

  private static final int ROUNDS = Integer.getInteger("rounds", 100);
  private static final long SEED = Long.getLong("seed", System.nanoTime());

  /// What a child of the killed program may take to notice and end.
  private static final int SECONDS_TO_END = 30;

  /// After so many rounds the repository begins anew, or reading all of it would take ever longer.
  private static final int ROUNDS_A_REPOSITORY = 12;

  private enum Command {
    BACKUP_LOGICAL,
    BACKUP_PHYSICAL,
    EXPIRE,
    VERIFY,
    DRILL_LOGICAL,
    DRILL_PHYSICAL,
    RESTORE_INTO,
    RESTORE_REPLACE,
    RESTORE_TO,
    RESTORE_IN_PLACE,
    RECOVER_CLUSTER,
    RECOVER_DATABASE
  }

  private static PgCluster cluster;
  private static ProvaSite site;
  private static ProvaSite expiring;
  private static Path template;
  private static Path expiringTemplate;

  private final Random random = new Random(SEED);
  private final Map<Command, Duration> durations = new EnumMap<>(Command.class);
  private final Map<String, Integer> hits = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private int kills;

  /// What table `origin` of a backup holds, by its label.
  private static final Map<String, String> contents = new HashMap<>();

  private static String logical;
  private static String physical;

  @BeforeAll
  static void makeBackups() throws Exception {
    System.out.println("seed " + SEED + ", rounds " + ROUNDS);
    cluster = PgCluster.start(PgCluster.installedBin(), List.of("--wal-segsize=1"));
    cluster.sql(
        "postgres",
        "CREATE DATABASE shop",
        "CREATE TABLESPACE outside LOCATION '" + cluster.directory("ts") + "'");
    cluster.sql(
        "shop",
        "CREATE TABLE origin (what text)",
        "INSERT INTO origin VALUES ('backup')",
        "CREATE TABLE orders TABLESPACE outside AS SELECT i AS id, repeat('order ' || i, 10) AS what FROM generate_series(1, 20000) i",
        "CREATE INDEX ON orders (id)");
    site = ProvaSite.of(cluster);
    expiring = ProvaSite.of(cluster);
    logical = backup(site, BackupKind.LOGICAL);
    backup(site, BackupKind.LOGICAL);
    physical = backup(site, BackupKind.PHYSICAL);
    backup(site, BackupKind.PHYSICAL);
    for (int i = 0; i < 8; i++) {
      expiring.succeed("backup", "--logical");
    }
    expiring.set("retention", "{keep_days: 0, keep_last: 6, undo_window: 1 d}").succeed("expire");
    expiring.set("retention", "{keep_days: 0, keep_last: 2, undo_window: 0 s}");
    template = site.root().resolve("template");
    expiringTemplate = expiring.root().resolve("template");
    copy(site.repositoryRoot(), template);
    copy(expiring.repositoryRoot(), expiringTemplate);
  }

  @AfterAll
  static void removeAll() throws Exception {
    site.close();
    expiring.close();
    cluster.close();
  }

  private static String backup(ProvaSite site, BackupKind kind) throws Exception {
    site.succeed("backup", kind == BackupKind.LOGICAL ? "--logical" : "--physical");
    String label = site.list().newest(kind).orElseThrow().label().text();
    contents.put(label, origin());
    return label;
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    DurableFiles.deleteTree(to);
    Process copy =
        new ProcessBuilder("cp", "-a", from.toString(), to.toString()).inheritIO().start();
    assertThat(copy.waitFor()).isZero();
  }

  /// The rows of `origin` tell which state of the database one sees.
  private static String origin() {
    try (var session = cluster.session("shop")) {
      return session.one(
          "SELECT string_agg(what, ',' ORDER BY what) FROM origin", row -> row.getString(1));
    }
  }

  private static ProvaSite siteOf(Command command) {
    return command == Command.EXPIRE ? expiring : site;
  }

  private static Path target() {
    return site.root().resolve("target");
  }

  private static Path targetTablespace() {
    return site.root().resolve("target-ts");
  }

  private static String[] words(Command command) {
    return switch (command) {
      case BACKUP_LOGICAL -> new String[] {"backup", "--logical"};
      case BACKUP_PHYSICAL -> new String[] {"backup", "--physical"};
      case EXPIRE -> new String[] {"expire"};
      case VERIFY -> new String[] {"verify", physical};
      case DRILL_LOGICAL -> new String[] {"drill", logical};
      case DRILL_PHYSICAL -> new String[] {"drill", physical};
      case RESTORE_INTO ->
          new String[] {"restore", "--database", "shop", "--into", "shop_copy", logical};
      case RESTORE_REPLACE ->
          new String[] {"restore", "--database", "shop", "--replace", "--yes", logical};
      case RESTORE_TO ->
          new String[] {
            "restore",
            "--to",
            target().toString(),
            "--tablespace-mapping",
            cluster.root().resolve("ts") + "=" + targetTablespace(),
            physical
          };
      case RESTORE_IN_PLACE -> new String[] {"restore", "--in-place", "--yes", physical};
      case RECOVER_CLUSTER -> new String[] {"recover", "--yes"};
      case RECOVER_DATABASE -> new String[] {"recover", "--database", "shop", "--yes"};
    };
  }

  @Test
  void aKilledCommandLosesNothingLeavesNothingHalfDoneAndWorksTheNextTime() throws Exception {
    for (Command command : Command.values()) {
      prepare(command, 0);
      RunningProva.Result result = siteOf(command).succeed(words(command));
      durations.put(command, result.took());
      cleanUp();
    }
    System.out.println("durations " + durations);
    List<Command> order = new ArrayList<>();
    for (int round = 1; kills < ROUNDS; round++) {
      if (order.isEmpty()) {
        order.addAll(List.of(Command.values()));
        Collections.shuffle(order, random);
      }
      if (round % ROUNDS_A_REPOSITORY == 1) {
        copy(template, site.repositoryRoot());
      }
      Command command = order.removeLast();
      try {
        crash(command, round);
      } catch (Exception | AssertionError e) {
        failures.add(
            "round " + round + " of seed " + SEED + ": " + command + ": " + e.getMessage());
        System.out.println(failures.getLast());
        beginAnew();
      }
    }
    System.out.println("kills by phase:");
    hits.forEach((phase, count) -> System.out.println("  " + count + "  " + phase));
    assertThat(failures).isEmpty();
  }

  /// After a failed round the others shall be judged by themselves.
  private static void beginAnew() throws Exception {
    site.awaitNoWorkers(SECONDS_TO_END);
    if (!Files.exists(cluster.dataDirectory())) {
      for (Path aside : siblings("data.before-")) {
        Files.move(aside, cluster.dataDirectory());
        break;
      }
    }
    if (!cluster.isRunning()) {
      cluster.startServer();
    }
    awaitAnswer();
    copy(template, site.repositoryRoot());
    for (Path staged : siblings(".restoring-")) {
      DurableFiles.deleteTree(staged);
    }
    cleanUp();
  }

  private void prepare(Command command, int round) throws Exception {
    switch (command) {
      case EXPIRE -> copy(expiringTemplate, expiring.repositoryRoot());
      case RESTORE_REPLACE, RESTORE_IN_PLACE, RECOVER_CLUSTER, RECOVER_DATABASE ->
          cluster.sql("shop", "INSERT INTO origin VALUES ('live " + round + "')");
      default -> {}
    }
  }

  private void crash(Command command, int round) throws Exception {
    prepare(command, round);
    ProvaSite site = siteOf(command);
    String before = origin();
    Set<String> listed = labels(site.list());
    DurableFiles.deleteTree(site.state().resolve("logs"));

    // Half of the moments lie anywhere, half after the program has begun its work: on a machine
    // with
    // other load most of the time passes before that.
    RunningProva process = site.start(words(command));
    long started = System.nanoTime();
    long span = durations.get(command).toNanos();
    if (random.nextBoolean()) {
      while (process.isAlive() && site.lastStep().isEmpty()) {
        Thread.sleep(20);
      }
      span = Math.max(span / 4, span - (System.nanoTime() - started));
    }
    Duration delay = Duration.ofNanos((long) (random.nextDouble() * span));
    boolean killed = process.killAfter(delay);
    kills += killed ? 1 : 0;
    String phase =
        killed ? site.lastStep().map(CrashSweepTest::phase).orElse("starting") : "had ended";
    hits.merge(command + ": " + phase, 1, Integer::sum);
    System.out.printf(
        "round %d, kill %d: %s after %d ms in: %s%n",
        round, kills, command, delay.toMillis(), phase);
    assertThat(site.awaitNoWorkers(SECONDS_TO_END)).as("programs that work on").isEmpty();
    age(site);

    // What is there is whole, and nothing that was there is gone.
    assertThat(site.damages()).isEmpty();
    if (command == Command.EXPIRE) {
      requireTrashWhole();
      assertThat(labels(site.list())).containsAll(newest(listed, 2));
    } else {
      assertThat(labels(site.list())).containsAll(listed);
    }
    labels(site.list()).forEach(label -> contents.putIfAbsent(label, before));
    assertThat(site.verifyJournal()).isInstanceOf(JournalVerification.Intact.class);
    boolean done = requireOldOrNew(command, before);

    // The next run needs nobody's help.
    RunningProva.Result again = site.run(words(command));
    if (done) {
      assertThat(again.exitCode()).as("refused, since it is done: %s", again).isEqualTo(31);
    } else {
      assertThat(again.exitCode()).as("the next run: %s", again).isZero();
      durations.put(command, again.took()); // other load on the machine comes and goes
    }
    assertThat(site.damages()).isEmpty();
    labels(site.list()).forEach(label -> contents.putIfAbsent(label, before));
    assertThat(site.verifyJournal()).isInstanceOf(JournalVerification.Intact.class);
    requireNew(command);
    assertThat(site.awaitNoWorkers(2)).as("programs that work on").isEmpty();
    assertThat(leftovers(command)).as("left over after the next run").isEmpty();
    cleanUp();
  }

  /// Temporary files are swept when they are older than any write takes.
  private static void age(ProvaSite site) throws IOException {
    for (Path path : site.leftovers()) {
      if (path.getFileName().toString().startsWith(".tmp-")) {
        Files.setLastModifiedTime(
            path, FileTime.from(Files.getLastModifiedTime(path).toInstant().minusSeconds(3600)));
      }
    }
  }

  private static String phase(String line) {
    return line.replaceFirst("^\\S+ \\S+ \\S+ ", "")
        .replaceAll("[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9-]+", "LABEL")
        .replaceAll("/\\S+", "PATH")
        .replaceAll("\\{.*", "")
        .replaceAll("[0-9.]+", "N");
  }

  private static Set<String> labels(Listing listing) {
    return listing.entries().stream()
        .map(entry -> entry.label().text())
        .collect(Collectors.toSet());
  }

  private static List<String> newest(Set<String> labels, int count) throws IOException {
    List<Listing.Entry> entries = expiring.list().entries();
    return entries.stream()
        .map(entry -> entry.label().text())
        .filter(labels::contains)
        .skip(Math.max(0, entries.size() - count))
        .toList();
  }

  /// What lies in the trash with a note can be brought back, so it is whole.
  private static void requireTrashWhole() throws Exception {
    var contents = expiring.repository().trash().contents();
    assertThat(contents.withoutNote()).isEmpty();
    for (TrashNote note : contents.notes()) {
      Path directory =
          expiring
              .repositoryRoot()
              .resolve("trash/" + note.kind().directory() + "/" + note.label().text());
      List<Damage> damage = new ArrayList<>();
      BackupFiles.verify(
          directory,
          expiring.repository().trash().backup(note).orElseThrow().checksums(),
          bytes -> {},
          damage::add);
      assertThat(damage).isEmpty();
    }
  }

  /// @return whether the killed command had done its work already
  private boolean requireOldOrNew(Command command, String before) throws Exception {
    switch (command) {
      case RESTORE_INTO -> {
        return exists("shop_copy") && requireWhole("shop_copy");
      }
      case RESTORE_TO -> {
        return requireUnstartableOrComplete();
      }
      case RESTORE_REPLACE -> assertThat(origin()).isIn(List.of(before, contents.get(logical)));
      case RECOVER_DATABASE ->
          assertThat(origin()).isIn(List.of(before, contents.get(newestLabel(BackupKind.LOGICAL))));
      case RESTORE_IN_PLACE -> requireOneCommandAway(before, contents.get(physical));
      case RECOVER_CLUSTER ->
          requireOneCommandAway(before, contents.get(newestLabel(BackupKind.PHYSICAL)));
      default -> {}
    }
    return false;
  }

  private static boolean exists(String database) {
    try (var session = cluster.session("postgres")) {
      return session.yes(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = ?)", database);
    }
  }

  private static boolean requireWhole(String database) {
    try (var session = cluster.session(database)) {
      long rows = session.one("SELECT count(*) FROM orders", row -> row.getLong(1));
      assertThat(rows).isEqualTo(20_000);
    }
    return true;
  }

  private static String newestLabel(BackupKind kind) throws IOException {
    return site.list().newest(kind).orElseThrow().label().text();
  }

  private static boolean requireUnstartableOrComplete() throws Exception {
    if (!Files.isDirectory(target()) || Files.list(target()).findAny().isEmpty()) {
      return false;
    }
    boolean unfinished = Files.exists(target().resolve("prova.unfinished"));
    boolean starts;
    try {
      cluster.run(
          "pg_ctl",
          List.of(
              "-D",
              target().toString(),
              "-w",
              "-s",
              "-o",
              "-k " + cluster.root() + " -p 6000",
              "-l",
              cluster.root().resolve("target.log").toString(),
              "start"));
      cluster.run("pg_ctl", List.of("-D", target().toString(), "-w", "-s", "-m", "fast", "stop"));
      site.awaitNoWorkers(30); // pg_ctl is content when the pid file is gone, a moment before
      starts = true;
    } catch (IOException e) {
      starts = false;
    }
    assertThat(starts)
        .as("a server starts on the copy (which is marked as unfinished: %s)", unfinished)
        .isEqualTo(!unfinished);
    return starts;
  }

  /// The server runs with the old data or the new; or the data directory is there and it only has
  /// to be started; or it was moved aside, and the same command puts one in its place.
  private static void requireOneCommandAway(String before, String restored) throws Exception {
    if (!Files.exists(cluster.dataDirectory())) {
      assertThat(siblings(".before-")).as("the old data directory, moved aside").isNotEmpty();
      return;
    }
    if (!cluster.isRunning()) {
      cluster.startServer();
    }
    awaitAnswer();
    assertThat(origin()).isIn(before, restored);
    requireWhole("shop");
  }

  private static void awaitAnswer() throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      try (var _ = cluster.session("shop")) {
        return;
      } catch (RuntimeException e) {
        Thread.sleep(100);
      }
    }
  }

  private static List<Path> siblings(String part) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path parent : List.of(cluster.root(), cluster.root().resolve("ts"))) {
      try (Stream<Path> children = Files.list(parent)) {
        children.filter(path -> path.getFileName().toString().contains(part)).forEach(found::add);
      }
    }
    return found;
  }

  private void requireNew(Command command) throws Exception {
    switch (command) {
      case RESTORE_INTO -> requireWhole("shop_copy");
      case RESTORE_TO -> assertThat(requireUnstartableOrComplete()).isTrue();
      case RESTORE_REPLACE -> assertThat(origin()).isEqualTo(contents.get(logical));
      case RECOVER_DATABASE ->
          assertThat(origin()).isEqualTo(contents.get(newestLabel(BackupKind.LOGICAL)));
      case RESTORE_IN_PLACE -> assertThat(origin()).isEqualTo(contents.get(physical));
      case RECOVER_CLUSTER ->
          assertThat(origin()).isEqualTo(contents.get(newestLabel(BackupKind.PHYSICAL)));
      case EXPIRE -> assertThat(expiring.list().entries()).hasSize(2);
      case DRILL_LOGICAL -> assertThat(proven(logical)).isTrue();
      case DRILL_PHYSICAL -> assertThat(proven(physical)).isTrue();
      default -> {}
    }
  }

  private static boolean proven(String label) throws IOException {
    return site.list().find(new Label(label)).orElseThrow().proof().isProven();
  }

  /// What may be left is only what another kind of command sweeps.
  private static List<String> leftovers(Command command) throws Exception {
    List<String> found = new ArrayList<>();
    boolean writes =
        command == Command.BACKUP_LOGICAL
            || command == Command.BACKUP_PHYSICAL
            || command == Command.EXPIRE;
    boolean drills = command == Command.DRILL_LOGICAL || command == Command.DRILL_PHYSICAL;
    for (Path path : siteOf(command).leftovers()) {
      boolean scratch = path.startsWith(site.scratch());
      if (path.startsWith(site.state())) {
        continue; // alerts' files: the next change of the same alert replaces them
      }
      if (scratch ? drills : writes) {
        found.add(path.toString());
      }
    }
    siblings(".restoring-").forEach(path -> found.add(path.toString()));
    try (var session = cluster.session("postgres")) {
      found.addAll(
          session.query(
              "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE 'prova_loading%' OR NOT datallowconn AND datname <> 'template0'",
              row -> row.getString(1)));
    }
    return found;
  }

  private static void cleanUp() throws Exception {
    DurableFiles.deleteTree(target());
    DurableFiles.deleteTree(targetTablespace());
    for (String aside : List.of(".before-", ".failed-")) {
      for (Path path : siblings(aside)) {
        DurableFiles.deleteTree(path);
      }
    }
    List<String> databases;
    try (var session = cluster.session("postgres")) {
      databases =
          session.query(
              "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE 'shop\\__%'",
              row -> row.getString(1));
    }
    for (String database : databases) {
      cluster.sql("postgres", "DROP DATABASE \"" + database + "\" WITH (FORCE)");
    }
  }
}
