package io.prova.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Repository;
import io.prova.storage.DurableFiles;
import io.prova.storage.FileLock;
import io.prova.testing.BackupBuilder;
import io.prova.testing.CommandRun;
import io.prova.testing.FileTree;
import io.prova.testing.PgCluster;
import io.prova.testing.ScratchPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Every command on a real cluster: what it changes, what it answers to machines, how it ends.
class CommandsTest {

  private static PgCluster cluster;
  private static ScratchPlan plan;
  private static String logical;
  private static String physical;

  @BeforeAll
  static void makeBackups() throws Exception {
    cluster = PgCluster.start("wal_level = replica");
    cluster.sql("postgres", "CREATE DATABASE shop", "CREATE ROLE weak LOGIN");
    cluster.sql(
        "shop",
        "CREATE TABLE orders AS SELECT i AS id, repeat('x', 100) AS what FROM generate_series(1, 1000) i",
        "CREATE TABLE customers AS SELECT i AS id FROM generate_series(1, 200) i");
    plan = ScratchPlan.of(cluster);
    CommandRun.Result init =
        plan.prova("init", "--connection", "host=" + cluster.root() + " user=postgres", "--json");
    assertThat(init.exitCode()).as(init.toString()).isLessThanOrEqualTo(1);
    logical = take("--logical");
    physical = take("--physical");
  }

  @AfterAll
  static void removeThem() throws Exception {
    plan.close();
    cluster.close();
  }

  private static String take(String kind) throws Exception {
    return plan.done("backup", kind, "--json")
        .json("prova.backup.v1")
        .path("result")
        .path("label")
        .asString();
  }

  /// All that a command may have changed.
  private static Map<String, String> world() throws Exception {
    Map<String, String> world = FileTree.of(plan.root()).files();
    world.put("database shop", cluster.dump("shop"));
    try (var session = cluster.session("postgres")) {
      world.put(
          "databases",
          session.one(
              "SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database",
              row -> row.getString(1)));
    }
    world.put("server", Files.readString(cluster.dataDirectory().resolve("postmaster.pid")));
    return world;
  }

  @Test
  void aDryRunOfAnythingChangesNothing() throws Exception {
    plan.done("pin", logical, "--why", "test");
    String target = plan.root().resolve("copy").toString();
    List<String[]> commands =
        List.of(
            words("init --connection", "host=" + cluster.root() + " user=postgres"),
            words("init --adopt"),
            words("backup"),
            words("backup --logical"),
            words("verify"),
            words("restore --database shop --into shop2"),
            words("restore --database shop --replace"),
            words("restore --to", target),
            words("restore --in-place"),
            words("recover"),
            words("recover --database shop"),
            words("drill"),
            words("expire"),
            words("pin --why test", physical),
            words("unpin", logical),
            words("serve"));
    for (String[] command : commands) {
      List<String> dry = new ArrayList<>(List.of(command));
      dry.add("--dry-run");
      Map<String, String> before = world();
      CommandRun.Result text = plan.prova(dry.toArray(String[]::new));
      assertThat(text.exitCode()).as(dry + " " + text).isZero();
      assertThat(text.out()).as(dry.toString()).isNotEmpty();
      dry.add("--json");
      CommandRun.Result json = plan.prova(dry.toArray(String[]::new));
      assertThat(json.exitCode()).as(dry + " " + json).isZero();
      assertThat(schemas(json)).as(dry.toString()).anyMatch(each -> each.endsWith("v1"));
      assertThat(world()).as(dry.toString()).isEqualTo(before);
    }
    plan.done("unpin", logical);
  }

  private static String[] words(String some, String... more) {
    List<String> words = new ArrayList<>(List.of(some.split(" ", -1)));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  /// The schemas of all lines; a line without a proper one fails.
  private static List<String> schemas(CommandRun.Result result) {
    List<String> schemas = new ArrayList<>();
    for (JsonNode line : result.json()) {
      String schema = line.path("schema").asString("");
      assertThat(schema).matches("prova(\\.[a-z-]+)+\\.v1");
      schemas.add(schema);
    }
    return schemas;
  }

  @Test
  void everyCommandAnswersInJsonAndInNothingElse() throws Exception {
    String copy = plan.root().resolve("json-copy").toString();
    Map<String, String[]> answers =
        Map.ofEntries(
            Map.entry("prova.check.v1", words("check")),
            Map.entry("prova.list.v1", words("list")),
            Map.entry("prova.trash.v1", words("list --trash")),
            Map.entry("prova.show.v1", words("show", logical)),
            Map.entry("prova.diff.v1", words("diff", logical, physical)),
            Map.entry("prova.verify.v1", words("verify", logical)),
            Map.entry("prova.expire.v1", words("expire")),
            Map.entry("prova.status.v1", words("status")),
            Map.entry("prova.journal.v1", words("journal -n 1")),
            Map.entry("prova.journal.verify.v1", words("journal verify")),
            Map.entry("prova.config.v1", words("config show")),
            Map.entry("prova.config.check.v1", words("config check")),
            Map.entry("prova.restore.v1", words("restore --to", copy, "--no-validate")),
            Map.entry("prova.drill.v1", words("drill", logical)),
            Map.entry("prova.pin.v1", words("pin --why test", physical)));
    for (Map.Entry<String, String[]> each : answers.entrySet()) {
      CommandRun.Result result = json(each.getValue());
      assertThat(schemas(result)).as(result.toString()).endsWith(each.getKey());
    }
    assertThat(schemas(json(words("unpin", physical)))).endsWith("prova.unpin.v1");
    CommandRun.Result restore = json(words("restore --database shop --into from_json"));
    assertThat(schemas(restore)).endsWith("prova.restore.v1");
    CommandRun.Result recover = json(words("recover --database from_json --yes"));
    assertThat(schemas(recover)).endsWith("prova.error.v1"); // no backup holds it
    assertThat(recover.exitCode())
        .isEqualTo(recover.json("prova.error.v1").path("exit_code").asInt());
    cluster.sql("postgres", "DROP DATABASE from_json");
  }

  private static CommandRun.Result json(String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    CommandRun.Result result = plan.prova(all.toArray(String[]::new));
    assertThat(result.error()).as(all.toString()).isEmpty();
    return result;
  }

  @Test
  void diffShowsWhatChanged() throws Exception {
    cluster.sql(
        "shop",
        "DELETE FROM orders WHERE id > 990",
        "UPDATE customers SET id = -id WHERE id = 7",
        "CREATE TABLE added (x int)");
    String after = take("--logical");
    cluster.sql(
        "shop",
        "INSERT INTO orders SELECT i, repeat('x', 100) FROM generate_series(991, 1000) i",
        "UPDATE customers SET id = -id WHERE id = -7",
        "DROP TABLE added");
    CommandRun.Result diff = plan.prova("diff", logical, after);
    assertThat(diff.exitCode()).isEqualTo(1);
    assertThat(diff.out())
        .isEqualTo(
            """
            DATABASE  TABLE             ROWS BEFORE  ROWS AFTER  CHANGE
            shop      public.added      -            0           new
            shop      public.customers  200          200         content changed
            shop      public.orders     1,000        990         rows changed
            """);
    CommandRun.Result same = plan.prova("diff", logical, physical);
    assertThat(same.out()).isEqualTo("no difference\n");
    assertThat(same.exitCode()).isZero();
    assertThat(plan.prova("show", logical, "--tables").out())
        .containsPattern("shop +public.customers +200 +")
        .containsPattern("shop +public.orders +1,000 +");
  }

  /// Runs a command in text and in JSON, and looks at its end.
  private static void fails(int exitCode, String problem, ScratchPlan where, String... words)
      throws IOException {
    CommandRun.Result text = where.prova(words);
    assertThat(text.exitCode()).as(text.toString()).isEqualTo(exitCode);
    assertThat(text.error()).contains("error: ").contains(problem);
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    CommandRun.Result json = where.prova(all.toArray(String[]::new));
    JsonNode error = json.json("prova.error.v1");
    assertThat(json.exitCode()).isEqualTo(exitCode);
    assertThat(error.path("exit_code").asInt()).isEqualTo(exitCode);
    assertThat(error.path("problem").asString()).contains(problem);
    schemas(json);
  }

  @Test
  void whatCannotBeReachedHasItsOwnExitCode() throws Exception {
    try (ScratchPlan other = plan.copy()) {
      Path nowhere = Files.createDirectory(other.root().resolve("nowhere"));
      String connection = Files.readString(other.configFile());
      other.reconfigure("connection", "connection: \"host=" + nowhere + " user=postgres\"");
      fails(11, nowhere.toString(), other, "backup", "--logical");
      Files.writeString(other.configFile(), connection);

      other.reconfigure("client_tools", "client_tools: " + nowhere);
      fails(12, "pg_dump", other, "backup", "--logical");
      Files.writeString(other.configFile(), connection);

      other.reconfigure("repository", "repository: " + nowhere);
      fails(13, "is not a repository", other, "list");
      fails(13, "is not a repository", other, "backup", "--logical");
      Files.writeString(other.configFile(), connection);

      other.reconfigure(
          "connection", "connection: \"host=" + cluster.root() + " user=weak dbname=postgres\"");
      fails(18, "weak", other, "backup", "--physical");
      fails(18, "weak", other, "restore", "--database", "shop", "--into", "x");
    }
  }

  @Test
  void aBusyRepositorySaysWhoHasIt() throws Exception {
    Repository repository = Repository.open(plan.repository());
    try (FileLock lock = repository.lockForWriting("backup of somebody else")) {
      fails(14, "backup of somebody else", plan, "backup", "--logical");
      fails(14, "backup of somebody else", plan, "expire");
      fails(14, "backup of somebody else", plan, "restore", "--database", "shop", "--into", "x");
    }
  }

  @Test
  void anotherClustersRepositoryIsRefused() throws Exception {
    try (ScratchPlan other = plan.copy()) {
      DurableFiles.deleteTree(other.repository());
      Repository.create(
          other.repository(), "main", BackupBuilder.SYSTEM, ZoneId.of("UTC"), Instant.now());
      fails(16, BackupBuilder.SYSTEM.toString(), other, "backup", "--logical");
      fails(16, BackupBuilder.SYSTEM.toString(), other, "backup", "--physical");
      assertThat(other.done("init", "--adopt").out()).contains("goes on with the cluster");
      assertThat(other.done("journal", "-n", "1").out())
          .contains("init end")
          .contains("result=done");
      other.done("backup", "--logical");
    }
  }

  @Test
  void whatIsNotThereIsNotFound() throws Exception {
    for (String command : List.of("show", "verify", "drill", "unpin")) {
      fails(17, "there is no backup 2001-01-01_00-00", plan, command, "2001-01-01_00-00");
    }
    fails(17, "2001-01-01_00-00", plan, "diff", logical, "2001-01-01_00-00");
    fails(17, "is not in the trash", plan, "undelete", "2001-01-01_00-00");
    fails(17, "is not in the trash", plan, "undelete", "2001-01-01_00-00", "--dry-run");
    fails(17, "holds no database \"shpo\"", plan, "restore", "--database", "shpo", "--into", "x");
    fails(64, "is not a label", plan, "show", "yesterday");
    fails(64, "no cluster \"mian\"", plan, "list", "--cluster", "mian");
    fails(64, "say what to restore", plan, "restore");
    fails(64, "say where to", plan, "restore", "--database", "shop");
    fails(64, "nobody is here to confirm", plan, "restore", "--database", "shop", "--replace");
    fails(64, "nobody is here to confirm", plan, "recover");
  }

  @Test
  void aBackupThatFailsLeavesNothingAndSaysWhy() throws Exception {
    try (ScratchPlan other = plan.copy()) {
      Path tools = Files.createDirectory(other.root().resolve("tools"));
      for (String name : List.of("pg_dumpall", "psql", "pg_restore")) {
        Files.createSymbolicLink(tools.resolve(name), cluster.bin().resolve(name));
      }
      Path pgDump = tools.resolve("pg_dump");
      Files.writeString(
          pgDump,
          "#!/bin/sh\nif [ \"$1\" = --version ]; then exec "
              + cluster.bin().resolve("pg_dump")
              + " --version; fi\necho 'pg_dump: error: out of luck' >&2\nexit 1\n");
      Files.setPosixFilePermissions(pgDump, PosixFilePermissions.fromString("rwxr-xr-x"));
      other.reconfigure("client_tools", "client_tools: " + tools);
      Map<String, String> before = FileTree.of(other.repository().resolve("logicos")).files();
      fails(20, "out of luck", other, "backup", "--logical");
      assertThat(FileTree.of(other.repository().resolve("logicos")).files()).isEqualTo(before);
    }
  }

  @Test
  void oneKindThatFailsDoesNotKeepTheOtherFromBeingTaken() throws Exception {
    try (ScratchPlan other = ScratchPlan.of(cluster)) {
      other.prova("init", "--connection", "host=" + cluster.root() + " user=postgres");
      CommandRun.Result both = other.prova("backup", "--database", "nowhere");
      assertThat(both.exitCode()).as(both.toString()).isNotZero();
      assertThat(both.out()).contains("physical backup ").doesNotContain("logical backup ");
      assertThat(both.error()).contains("nowhere");
    }
  }

  @Test
  void aRestoreIsRefusedBeforeItWrites() throws Exception {
    Path parent = Files.createDirectory(plan.root().resolve("refused"));
    Path full = Files.createDirectory(parent.resolve("full"));
    Files.writeString(full.resolve("somebody's file"), "");
    Path file = Files.writeString(parent.resolve("file"), "");
    Path empty = Files.createDirectory(parent.resolve("empty"));
    Path link = Files.createSymbolicLink(parent.resolve("link"), empty);
    Map<String, String> before = world();
    fails(31, "is not empty", plan, "restore", "--to", full.toString());
    fails(31, "is not empty", plan, "restore", "--to", cluster.dataDirectory().toString());
    fails(31, "is not a directory", plan, "restore", "--to", file.toString());
    fails(31, "is a link", plan, "restore", "--to", link.toString());
    fails(31, "the directory above", plan, "restore", "--to", parent + "/no/where");
    fails(31, "is no place for a data directory", plan, "restore", "--to", "/data-of-prova-test");
    fails(31, "contain one another", plan, "restore", "--to", plan.repository() + "/new");
    fails(31, "is a logical backup", plan, "restore", "--to", empty.toString(), logical);
    fails(31, "is not a physical backup", plan, "restore", "--in-place", "--yes", logical);
    fails(31, "exists already", plan, "restore", "--database", "shop", "--into", "shop");
    Map<String, String> after = world();
    // The refusals themselves are on record.
    for (Map<String, String> each : List.of(before, after)) {
      each.keySet().removeIf(name -> name.matches("(state|backupSQL/(journal|sessions))/.*"));
    }
    assertThat(after).isEqualTo(before);
    DurableFiles.deleteTree(parent);
  }

  @Test
  void aRestoreInPlaceIsRefusedWhereSomethingElseLies() throws Exception {
    try (PgCluster source = PgCluster.start("wal_level = replica");
        ScratchPlan other = ScratchPlan.of(source)) {
      int code =
          other
              .prova("init", "--connection", "host=" + source.root() + " user=postgres")
              .exitCode();
      assertThat(code).isLessThanOrEqualTo(1);
      other.done("backup", "--physical", "--no-fingerprint");
      source.stopServer();
      Path aside = source.dataDirectory().resolveSibling("aside");
      Files.move(source.dataDirectory(), aside);

      // A cluster of another origin.
      source.run(
          "initdb", List.of("-D", source.dataDirectory().toString(), "--no-sync", "-A", "trust"));
      fails(16, "system identifier", other, "restore", "--in-place", "--yes");
      DurableFiles.deleteTree(source.dataDirectory());

      // No cluster at all.
      Path foreign = source.directory("data").resolve("thesis.txt");
      Files.writeString(foreign, "years of work");
      fails(31, "is not a data directory of PostgreSQL", other, "restore", "--in-place", "--yes");
      assertThat(Files.readString(foreign)).isEqualTo("years of work");
      DurableFiles.deleteTree(source.dataDirectory());
      Files.move(aside, source.dataDirectory());
      source.startServer();
    }
  }

  @Test
  void aDamagedBackupIsNamedEverywhere() throws Exception {
    try (ScratchPlan other = plan.copy()) {
      Path dump = other.repository().resolve("logicos/" + logical + "/shop.sql");
      byte[] content = Files.readAllBytes(dump);
      content[content.length / 2] ^= 1;
      Files.write(dump, content, StandardOpenOption.TRUNCATE_EXISTING);
      CommandRun.Result verify = other.prova("verify", logical);
      assertThat(verify.exitCode()).isEqualTo(30);
      assertThat(verify.out())
          .contains(logical + " is damaged: 1 file\n  shop.sql: its content changed")
          .contains("      database shop cannot be restored from this backup\n");
      assertThat(other.prova("verify", logical, "--json").exitCode()).isEqualTo(30);
      fails(30, "shop.sql", other, "restore", "--database", "shop", "--into", "x", logical);
      DurableFiles.deleteTree(other.repository().resolve("fisicos/" + physical));
      for (String label : labels(other)) {
        if (!label.equals(logical)) {
          DurableFiles.deleteTree(other.repository().resolve("logicos/" + label));
        }
      }
      fails(34, "shop", other, "recover", "--database", "shop", "--yes");
      CommandRun.Result drill = other.prova("drill", logical);
      assertThat(drill.exitCode()).as(drill.toString()).isEqualTo(40);
      assertThat(drill.out()).contains("FAILED").contains("shop.sql");

      Files.delete(other.repository().resolve("logicos/" + logical + "/backup.json"));
      CommandRun.Result expire = other.prova("expire");
      assertThat(expire.exitCode()).isEqualTo(50);
      assertThat(expire.error()).contains("warning: the repository is in doubt");
    }
  }

  private static List<String> labels(ScratchPlan where) throws IOException {
    return Repository.open(where.repository()).catalog().list().of(BackupKind.LOGICAL).stream()
        .map(entry -> entry.label().text())
        .toList();
  }

  /// The fingerprint says other than the dump, and every digest agrees with it.
  @Test
  void aRestoreWhoseDataIsNotThatOfTheFingerprintFails() throws Exception {
    try (ScratchPlan other = plan.copy()) {
      Path directory = other.repository().resolve("logicos/" + logical);
      Path fingerprint = directory.resolve("shop.fingerprint.json");
      String changed = Files.readString(fingerprint).replace("\"rows\" : 1000", "\"rows\" : 1001");
      assertThat(changed).contains("1001");
      reseal(fingerprint, changed);
      Path sums = directory.resolve("SHA256SUMS");
      String digest = Digest.of(Files.readAllBytes(fingerprint)).hex();
      Files.writeString(
          sums,
          Files.readString(sums)
              .replaceFirst("[0-9a-f]{64}  shop.fingerprint", digest + "  shop.fingerprint"));
      Path record = directory.resolve("backup.json");
      String newSums = Digest.of(Files.readAllBytes(sums)).hex();
      reseal(
          record,
          Files.readString(record)
              .replaceFirst(
                  "\"checksums\" : \"[0-9a-f]{64}\"", "\"checksums\" : \"" + newSums + "\""));
      CommandRun.Result list = other.prova("verify", logical);
      assertThat(list.exitCode()).as(list.toString()).isZero();
      fails(33, "public.orders", other, "restore", "--database", "shop", "--into", "x", logical);
      CommandRun.Result drill = other.prova("drill", logical);
      assertThat(drill.exitCode()).as(drill.toString()).isEqualTo(40);
    }
  }

  private static void reseal(Path file, String json) throws IOException {
    ObjectNode node = (ObjectNode) Json.LINE.readTree(json);
    node.remove("digest");
    Files.write(file, CheckedJson.write(node));
  }

  @Test
  void whatCouldNotBeTestedIsNotPassed() throws Exception {
    try (ScratchPlan other = plan.copy()) {
      other.reconfigure("drill", "drill: {directory: " + other.root().resolve("none/such") + "}");
      CommandRun.Result drill = other.prova("drill", logical);
      assertThat(drill.exitCode()).as(drill.toString()).isEqualTo(41);
      assertThat(drill.out()).contains("NOT TESTED");
    }
  }

  @Test
  void anAlertThatCannotBeSentHasItsExitCode() throws Exception {
    try (ScratchPlan other = plan.copy()) {
      other.reconfigure("alerts", "alerts: {team: {command: /bin/false}}");
      CommandRun.Result check = other.prova("check", "--send-test-alert");
      assertThat(check.exitCode()).as(check.toString()).isEqualTo(60);
      assertThat(check.out()).contains("✗");
    }
  }

  @Test
  void aChangedJournalIsFoundOut() throws Exception {
    CommandRun.Result intact = plan.prova("journal", "verify");
    assertThat(intact.out()).startsWith("the journal is intact: ");
    try (ScratchPlan other = plan.copy()) {
      Path journal;
      try (var files = Files.list(other.repository().resolve("journal"))) {
        journal =
            files.filter(each -> each.toString().endsWith(".jsonl")).findFirst().orElseThrow();
      }
      List<String> lines = List.copyOf(Files.readAllLines(journal));
      assertThat(lines.size()).isGreaterThan(6);
      List<String> edited = new ArrayList<>(lines);
      edited.set(2, edited.get(2).replaceFirst("\"who\":\"[a-z0-9]*", "\"who\":\"mallory"));
      List<String> removed = new ArrayList<>(lines);
      removed.remove(3);
      List<String> reordered = new ArrayList<>(lines);
      Collections.swap(reordered, 3, 4);
      for (List<String> each :
          List.of(
              edited,
              removed,
              reordered,
              lines.subList(0, lines.size() - 1),
              lines.subList(0, 2))) {
        Files.write(journal, each, StandardCharsets.UTF_8);
        fails(61, "of the journal", other, "journal", "verify");
      }
      Files.write(journal, lines, StandardCharsets.UTF_8);
      assertThat(other.prova("journal", "verify").exitCode()).isZero();
    }
  }

  @Test
  void theJournalTellsWhoDidWhatWithWhatResult() throws Exception {
    String label = take("--logical");
    List<JsonNode> records =
        plan.done("journal", "-n", "2", "--json").json().stream()
            .map(line -> line.path("result"))
            .collect(Collectors.toList());
    assertThat(records)
        .extracting(each -> each.path("event").asString())
        .containsExactly("start", "end");
    JsonNode end = records.get(1);
    assertThat(end.path("command").asString()).isEqualTo("backup");
    assertThat(end.path("host").asString()).isEqualTo("test-host");
    assertThat(end.path("details").path("label").asString()).isEqualTo(label);
    assertThat(end.path("details").path("result").asString()).isEqualTo("done");
    assertThat(end.path("details").path("bytes").asLong()).isPositive();
    assertThat(end.path("details").path("seconds").isNumber()).isTrue();
  }

  @Test
  void aTerminalShowsProgressWithRateAndTimeLeft() throws Exception {
    String shown = onTerminal("", "backup --physical --max-rate=8MB");
    assertThat(shown)
        .contains("\r\u001b[K")
        .containsPattern("█+░+ +[0-9]+% [0-9.]+ MiB  [0-9.]+ [KM]iB/s  [0-9.]+ s left");
    assertThat(shown).containsPattern("physical backup [0-9_-]+: [0-9.]+ MiB");
  }

  @Test
  void coloursAreLeftOutWhenAsked() throws Exception {
    assertThat(onTerminal("", "list")).contains("\u001b[1mLABEL");
    assertThat(onTerminal("", "lits")).contains("\u001b[31;1merror\u001b[0m");
    assertThat(onTerminal("NO_COLOR=1 ", "list")).doesNotContain("\u001b").contains("LABEL");
  }

  /// What a person would see.
  private static String onTerminal(String variables, String words) throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String command =
        variables
            + "PROVA_CONFIG="
            + plan.configFile()
            + " TERM=xterm LANG=C.UTF-8 "
            + System.getProperty("java.home")
            + "/bin/java -cp "
            + classPath
            + " io.prova.Main "
            + words;
    Process process =
        new ProcessBuilder("script", "-qec", command, "/dev/null")
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out;
  }
}
