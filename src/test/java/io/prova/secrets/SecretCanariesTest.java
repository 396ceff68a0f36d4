package io.prova.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import io.prova.Main;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaCli;
import io.prova.testing.ProvaCli.Answer;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A secret stays where the user put it: no argument, output, log, journal, report, message or
/// other file repeats it, whatever is run and however it ends.
class SecretCanariesTest {

  /// Where the password of the connection stands.
  enum Source {
    VARIABLE,
    URI,
    KEYWORD,
    PASSWORD_FILE,
    PASSFILE,
    SERVICE
  }

  private static PgCluster cluster;
  private static HttpServer web;
  private static GreenMail mail;
  private static final List<String> CALLED = new CopyOnWriteArrayList<>();

  private ProvaCli cli;
  private final Map<String, String> canaries = new TreeMap<>();
  private final List<Path> chosen = new ArrayList<>();
  private final StringBuilder said = new StringBuilder();
  private final ByteArrayOutputStream processError = new ByteArrayOutputStream();
  private PrintStream realError;
  private int commands;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        PgCluster.start(
            PgCluster.installedBin(), List.of("--wal-segsize=1", "--allow-group-access"));
    cluster.sql(
        "postgres",
        "CREATE ROLE keeper LOGIN SUPERUSER",
        "CREATE ROLE owner LOGIN SUPERUSER",
        "CREATE ROLE clerk LOGIN PASSWORD 'canary-of-a-role'",
        "CREATE DATABASE shop");
    cluster.sql("shop", "CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 100) i");
    Files.writeString(
        cluster.dataDirectory().resolve("pg_hba.conf"),
        """
        local all postgres trust
        local all all scram-sha-256
        local replication all scram-sha-256
        """);
    cluster.sql("postgres", "SELECT pg_reload_conf()");
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          try (exchange) {
            // The worst that it can do: repeat in its answer what it was called with.
            byte[] body = ("no: " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
            CALLED.add(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(
                exchange.getRequestURI().getPath().contains("refusing") ? 500 : 200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    web.start();
    mail =
        new GreenMail(
            new ServerSetup(
                0, InetAddress.getLoopbackAddress().getHostAddress(), ServerSetup.PROTOCOL_SMTP));
    mail.start();
  }

  @AfterAll
  static void stop() throws Exception {
    mail.stop();
    web.stop(0);
    cluster.close();
  }

  @BeforeEach
  void listen() {
    realError = System.err;
    System.setErr(new PrintStream(processError, true, StandardCharsets.UTF_8));
    CALLED.clear();
  }

  @AfterEach
  void close() throws Exception {
    System.setErr(realError);
    if (cli != null) {
      cli.close();
    }
  }

  private String canary(String where) {
    // With what must be escaped in one place or another.
    String canary = "canary-" + where + "-" + UUID.randomUUID();
    canaries.put(where, canary);
    return canary;
  }

  private static void setPassword(String role, String password) {
    try (PgSession session = cluster.session("postgres")) {
      session.execute("ALTER ROLE " + role + " PASSWORD " + PgSession.literal(password));
    }
  }

  /// A configuration with a secret at every place that takes one.
  private void configure(Source source, String password) throws IOException {
    cli = ProvaCli.empty();
    String admin = canary("admin");
    setPassword("owner", admin);
    List<String> lines = new ArrayList<>(List.of("repository: " + cli.repository()));
    lines.add(connection(source, password));
    lines.addAll(
        List.of(
            "admin_connection: {host: "
                + cluster.root()
                + ", user: owner, password: "
                + admin
                + "}",
            "state_directory: " + cli.state(),
            "client_tools: " + cluster.bin(),
            "drill: {directory: " + cli.scratch() + "}",
            "service: {pg_ctl: true}",
            // pg_dump writes the files of this format by itself.
            "logical: {format: " + (source == Source.SERVICE ? "directory" : "plain") + "}",
            "alerts:",
            "  team:",
            "    email: team@example.com",
            "    webhook: " + url("/hooks/" + canary("webhook")),
            "  administrators:",
            "    webhook: "
                + url("/refusing/" + canary("refusing-webhook") + "?key=" + canary("query")),
            "  mail:",
            "    host: localhost",
            "    port: " + mail.getSmtp().getPort(),
            "    security: none",
            "    user: prova",
            "    password: " + canary("mail"),
            "    from: prova@example.com",
            "  ping:",
            "    logical: " + url("/ping/" + canary("ping")),
            "    drill: " + url("/refusing/" + canary("refusing-ping"))));
    mail.setUser("prova@example.com", "prova", canaries.get("mail"));
    cli.configure(lines);
    chosen.add(cli.config());
    cli.set("PROVA_TRACE", "1");
  }

  private static String url(String path) {
    return "http://localhost:" + web.getAddress().getPort() + path;
  }

  private String connection(Source source, String password) throws IOException {
    String host = cluster.root().toString();
    String keywords = "host: " + host + ", user: keeper";
    return switch (source) {
      case VARIABLE -> {
        cli.set("PGPASSWORD", password);
        yield "connection: {" + keywords + "}";
      }
      case URI ->
          "connection: postgresql://keeper:"
              + password
              + "@"
              + host.replace("/", "%2F")
              + "/postgres";
      case KEYWORD -> "connection: {" + keywords + ", password: " + password + "}";
      case PASSWORD_FILE ->
          "connection: {"
              + keywords
              + ", password_file: "
              + secret("password", password + "\n")
              + "}";
      case PASSFILE -> {
        Path passfile = secret(".pgpass", "*:*:*:keeper:" + password + "\n");
        assertThat(passfile).isEqualTo(cli.home().resolve(".pgpass"));
        yield "connection: {" + keywords + "}";
      }
      case SERVICE -> {
        secret(
            ".pg_service.conf",
            "[shop]\nhost=" + host + "\nuser=keeper\npassword=" + password + "\n");
        yield "connection: {service: shop}";
      }
    };
  }

  private Path secret(String name, String content) throws IOException {
    Path file = cli.home().resolve(name);
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, DurableFiles.OWNER_FILE);
    chosen.add(file);
    return file;
  }

  private Answer run(String... words) throws IOException {
    Answer answer = cli.run(words);
    said.append(String.join(" ", words)).append('\n').append(answer.said());
    commands++;
    return answer;
  }

  private Answer must(String... words) throws IOException {
    Answer answer = run(words);
    assertThat(answer.exitCode()).as("%s: %s", List.of(words), answer).isZero();
    return answer;
  }

  private void createRepository() throws IOException {
    try (PgSession session = cluster.session("postgres")) {
      io.prova.catalog.Repository.create(
          cli.repository(),
          "main",
          io.prova.postgres.ClusterFacts.systemIdentifier(session),
          io.prova.testing.TestRepository.ZONE,
          java.time.Instant.now());
    }
  }

  @Test
  void aPasswordStaysWhereItWasPut() throws Exception {
    check(Source.URI);
  }

  @ParameterizedTest
  @EnumSource(value = Source.class, mode = EnumSource.Mode.EXCLUDE, names = "URI")
  @Tag("slow")
  void aPasswordStaysWhereverItWasPut(Source source) throws Exception {
    check(source);
  }

  private void check(Source source) throws Exception {
    String password = canary("password");
    setPassword("keeper", password);
    configure(source, password);
    createRepository();
    ArgumentWatch watch = new ArgumentWatch();
    try (watch) {
      run("check");
      run("check", "--json");
      must("backup", "--logical");
      must("backup", "--physical", "--json");
      must("config", "show");
      must("config", "show", "--json");
      must("list", "--json");
      must("restore", "--database", "shop", "--into", "shop_copy");
      must("restore", "--database", "shop", "--into", "shop_copy_2", "--dry-run");
      if (source == Source.URI) {
        runEverythingElse();
      }
      failInEveryWay();
    }
    cluster.sql("postgres", "DROP DATABASE IF EXISTS shop_copy");
    assertNowhere(watch);
    assertPrivate();
  }

  private void runEverythingElse() throws IOException {
    String label = onlyLabel("logicos");
    must("drill");
    must("show", label, "--json");
    must("verify");
    must("diff", label, label);
    must("expire", "--dry-run");
    must("expire");
    must("pin", label, "--why", "audit");
    must("unpin", label);
    must("journal", "--json");
    must("journal", "verify");
    must("config", "check");
    run("status");
    run("status", "--json");
    run("recover", "--dry-run");
    run("recover", "--database", "shop", "--dry-run");
    run("check", "--send-test-alert");
    run("restore", "--to", cli.root().resolve("restored").toString());
    run("init", "--dry-run");
  }

  private String onlyLabel(String parent) throws IOException {
    try (Stream<Path> labels = Files.list(cli.repository().resolve(parent))) {
      return labels.findFirst().orElseThrow().getFileName().toString();
    }
  }

  /// Errors are where secrets come out.
  private void failInEveryWay() throws Exception {
    cluster.sql(
        "postgres", "ALTER ROLE keeper PASSWORD 'another'", "ALTER ROLE owner PASSWORD 'another'");
    for (String[] words :
        List.of(
            new String[] {"check"},
            new String[] {"check", "--json"},
            new String[] {"backup", "--logical"},
            new String[] {"backup", "--physical", "--json"},
            new String[] {"restore", "--database", "shop", "--into", "shop_copy_3"},
            new String[] {"recover", "--database", "shop", "--yes"},
            new String[] {"status"})) {
      Answer answer = run(words);
      assertThat(answer.exitCode()).as("%s: %s", List.of(words), answer).isNotZero();
    }
    String config = Files.readString(cli.config());
    for (String broken :
        List.of(
            config.replace(cluster.root().toString(), "/nonexistent"), // no server there
            config + "unknown_key: 1\n",
            config.replace("host: localhost", "host: [localhost"),
            config.replace("webhook: http", "webhook: ftp"),
            config.replace("postgresql://keeper", "postgresql:/keeper"),
            config.replace("service: {pg_ctl: true}", "service: {pg_ctl: {a: 1}}"))) {
      Files.writeString(cli.config(), broken);
      run("config", "check");
      run("config", "show");
      run("check");
      run("backup", "--logical", "--json");
    }
    Files.writeString(cli.config(), config);
    // A database that refuses, with the statement in its message.
    cluster.sql("postgres", "ALTER ROLE keeper PASSWORD 'gone' VALID UNTIL '2001-01-01'");
    run("backup");
    cluster.sql("postgres", "ALTER ROLE keeper VALID UNTIL 'infinity'");
  }

  private void assertNowhere(ArgumentWatch watch) throws Exception {
    Map<String, String> places = new TreeMap<>();
    places.put("stdout and stderr", said.toString());
    places.put("the process's own stderr", processError.toString(StandardCharsets.UTF_8));
    places.put("arguments", String.join("\n", watch.seen()));
    places.put("bodies of calls", String.join("\n", CALLED));
    StringBuilder letters = new StringBuilder();
    for (MimeMessage each : mail.getReceivedMessages()) {
      letters.append(GreenMailUtil.getWholeMessage(each));
    }
    places.put("mail", letters.toString());
    int files = 0;
    try (Stream<Path> all = Files.walk(cli.root())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!chosen.contains(file)) {
          places.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
          files++;
        }
      }
    }
    assertThat(watch.seen()).as("programs seen").anyMatch(line -> line.contains("pg_dump"));
    assertThat(CALLED).as("messages sent by webhook").isNotEmpty();
    List<String> found = new ArrayList<>();
    canaries.forEach((where, canary) -> {
      List<String> forms =
          List.of(
              canary,
              Base64.getEncoder()
                  .withoutPadding()
                  .encodeToString(canary.getBytes(StandardCharsets.UTF_8)));
      places.forEach((place, text) -> {
        if (forms.stream().anyMatch(text::contains)) {
          int at = Math.max(0, text.indexOf(canary) - 120);
          found.add(
              where
                  + " in "
                  + place
                  + ": "
                  + text.substring(at, Math.min(text.length(), at + 200)));
        }
      });
    });
    System.out.println(
        canaries.size()
            + " canaries, "
            + commands
            + " commands, "
            + watch.seen().size()
            + " command lines, "
            + files
            + " files, "
            + CALLED.size()
            + " calls, "
            + mail.getReceivedMessages().length
            + " letters: "
            + found.size()
            + " found");
    assertThat(found).isEmpty();
  }

  /// Nobody else may read anything, though this process runs with the usual umask, and though the
  /// cluster lets its group read.
  private void assertPrivate() throws IOException {
    List<String> open = new ArrayList<>();
    for (Path top : Stream.of(cli.repository(), cli.state()).filter(Files::exists).toList()) {
      try (Stream<Path> all = Files.walk(top)) {
        for (Path each : all.toList()) {
          if (Files.isSymbolicLink(each)) {
            continue;
          }
          String mode =
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(each, LinkOption.NOFOLLOW_LINKS));
          if (!mode.endsWith("------")) {
            open.add(mode + " " + top.getParent().relativize(each));
          }
        }
      }
    }
    assertThat(open).isEmpty();
  }

  /// `pg_dumpall` writes the roles' password hashes by design: it is said, and the file is private.
  @Test
  void passwordHashesOfRolesAreInOnePrivateFileAndThatIsSaid() throws Exception {
    String password = canary("password");
    setPassword("keeper", password);
    configure(Source.KEYWORD, password);
    createRepository();
    must("backup", "--logical");
    String label = onlyLabel("logicos");
    Path directory = cli.repository().resolve("logicos").resolve(label);
    List<Path> holding = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(text).doesNotContain("canary-of-a-role");
        if (text.contains("SCRAM-SHA-256$")) {
          holding.add(file);
        }
      }
    }
    assertThat(holding).containsExactly(directory.resolve("globals.sql"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(holding.getFirst())))
        .isEqualTo("rw-------");
    assertThat(must("show", label).said()).contains("password hashes of the roles");
  }

  @Test
  void theRoleThatInitMakesHasItsPasswordInOnePrivateFile() throws Exception {
    cli = ProvaCli.empty();
    cli.set("PGHOST", cluster.root().toString()).set("PGUSER", "postgres");
    ArgumentWatch watch = new ArgumentWatch();
    try (watch) {
      run(
          "init",
          "--apply",
          "--role",
          "made_by_init",
          "--repository",
          cli.repository().toString(),
          "--state-directory",
          cli.state().toString());
    }
    Path file = cli.root().resolve("prova-password");
    canaries.put("made by init", Files.readString(file).strip());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cli.config())))
        .isEqualTo("rw-------");
    String everything =
        said
            + processError.toString(StandardCharsets.UTF_8)
            + String.join("\n", watch.seen())
            + Files.readString(cli.config())
            + Files.readString(cluster.root().resolve("log"));
    try (Stream<Path> all = Files.walk(cli.repository())) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        everything += Files.readString(each, StandardCharsets.ISO_8859_1);
      }
    }
    assertThat(everything).doesNotContain(canaries.get("made by init"));
    assertPrivate();
    cluster.sql("postgres", "DROP OWNED BY made_by_init", "DROP ROLE made_by_init");
  }

  @Test
  void aPasswordOnTheCommandLineIsRefused() throws Exception {
    cli = ProvaCli.empty();
    String password = canary("argument");
    Answer answer =
        run("init", "--connection", "postgresql://keeper:" + password + "@localhost/postgres");
    assertThat(answer.exitCode()).isNotZero();
    assertThat(answer.said() + processError).doesNotContain(password);
  }

  @Test
  void secretsThatOthersMayReadAreNamed() throws Exception {
    String password = canary("password");
    setPassword("keeper", password);
    configure(Source.PASSWORD_FILE, password);
    createRepository();
    for (Path file : chosen) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
    Answer check = run("check");
    for (Path file : chosen) {
      assertThat(check.said()).contains(file + " holds a secret, and others may read it");
    }
    assertThat(check.exitCode()).isNotZero();
  }

  /// As `psql` does: a passfile that others may read is not used.
  @Test
  void aPassfileThatOthersMayReadIsNotUsed() throws Exception {
    String password = canary("password");
    setPassword("keeper", password);
    configure(Source.PASSFILE, password);
    createRepository();
    Files.setPosixFilePermissions(
        cli.home().resolve(".pgpass"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(run("backup", "--logical").exitCode()).isNotZero();
  }

  /// The program itself, with a directory for temporary files that nobody else uses.
  @Test
  void aBackupLeavesNoTemporaryFileAndNoCore() throws Exception {
    String password = canary("password");
    setPassword("keeper", password);
    configure(Source.VARIABLE, password);
    createRepository();
    Path temporary = Files.createDirectory(cli.root().resolve("tmp"));
    ArgumentWatch watch = new ArgumentWatch();
    try (watch) {
      for (String option : List.of("--logical", "--physical")) {
        ProcessBuilder builder =
            new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--config",
                cli.config().toString(),
                "backup",
                option);
        builder.environment().put("PGPASSWORD", password);
        builder.environment().put("TMPDIR", temporary.toString());
        builder.directory(cli.home().toFile()).redirectErrorStream(true);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        said.append(output);
        assertThat(process.waitFor()).as(output).isZero();
      }
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }
    assertNowhere(watch);
    assertPrivate();
  }

  @Test
  void theLauncherForbidsCoreFilesAndOpenModes() throws Exception {
    Path launcher = Path.of("prova").toAbsolutePath();
    String text = Files.readString(launcher);
    assertThat(text).contains("\numask 077\n").contains("\nulimit -c 0\n");
  }
}
