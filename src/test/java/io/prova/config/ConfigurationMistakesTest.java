package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.OperationFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationMistakesTest {

  @TempDir private Path directory;

  private List<String> problems(String yaml) {
    return new Yaml(directory).problems(yaml);
  }

  @Test
  void aMisspeltKeyNamesTheNearestRightOne() {
    assertThat(
            problems(
                """
                clusters:
                  main:
                    logical:
                      formt: plain
                    retentoin: {keep_days: 3}
                tiem_zone: UTC
                alerts: {ponies: 3}
                """))
        .containsExactly(
            "prova.yaml:4: clusters.main.logical.formt: unknown key; did you mean \"format\"?",
            "prova.yaml:5: clusters.main.retentoin: unknown key; did you mean \"retention\"?",
            "prova.yaml:6: tiem_zone: unknown key; did you mean \"time_zone\"?",
            "prova.yaml:7: alerts.ponies: unknown key");
  }

  @Test
  void allMistakesAreToldAtOnceWithWhatToDoNext() {
    OperationFailed failed =
        new Yaml(directory)
            .failure("logical: {jobs: two, format: plian}\nphysical: {max_rate: 5 parsecs}\n");
    assertThat(failed.problem().toString())
        .isEqualTo(
            """
            prova.yaml:1: logical.format: expected one of custom, directory, plain, found "plian"; did you mean "plain"?
            prova.yaml:1: logical.jobs: expected a number from 1 to 64, found "two"
            prova.yaml:2: physical.max_rate: expected a size from 32 kB to 1 GB, such as "50 MB", found "5 parsecs\"\
            """);
    assertThat(failed.hint().orElseThrow().toString())
        .isEqualTo("Nothing was changed. Correct the file, then try `prova config check`.");
  }

  @Test
  void hundredsOfMistakesAreNotAllTold() {
    String yaml =
        IntStream.range(0, 80)
            .mapToObj(i -> "nonsense" + i + ": 1\n")
            .collect(Collectors.joining());
    assertThat(problems(yaml)).hasSize(51).endsWith("and 30 more");
  }

  @Test
  void aKeyWrittenTwiceIsAMistake() {
    assertThat(problems("logical:\n  jobs: 1\n  format: plain\n  jobs: 2\n"))
        .containsExactly(
            "prova.yaml:4: logical.jobs: written a second time; the first is in line 2");
  }

  @Test
  void aValueOfAnotherKindIsShownForWhatItIs() {
    assertThat(problems("logical: daily\n"))
        .containsExactly("prova.yaml:1: logical: expected keys with values, found \"daily\"");
    assertThat(problems("- logical\n"))
        .containsExactly("prova.yaml:1: expected keys with values, found a list");
    assertThat(problems("repository: [/a]\nlogical: {jobs: {a: 1}}\n"))
        .containsExactly(
            "prova.yaml:1: repository: expected a path that begins with \"/\" and leads to a directory of its own, found a list",
            "prova.yaml:2: logical.jobs: expected a number from 1 to 64, found a mapping");
    assertThat(problems("repository:\n"))
        .containsExactly(
            "prova.yaml:1: repository: expected a path that begins with \"/\" and leads to a directory of its own, found nothing");
    assertThat(problems("? [a, b]\n: c\n"))
        .containsExactly("prova.yaml:1: expected a key, found a list");
    assertThat(problems("drill: {assertions: none}"))
        .containsExactly("prova.yaml:1: drill.assertions: expected a list, found \"none\"");
  }

  @Test
  void aMistakeInAListHasTheLineOfItsElement() {
    assertThat(problems("client_tools:\n  - /usr/bin\n  - bin\n"))
        .containsExactly(
            "prova.yaml:3: client_tools: expected a path that begins with \"/\", found \"bin\"");
    assertThat(
            problems(
                "drill:\n  assertions:\n    - {name: a, database: b, sql: SELECT true}\n    - {name: a, sql: \"\"}\n"))
        .containsExactly(
            "prova.yaml:4: drill.assertions[2].database: missing",
            "prova.yaml:4: drill.assertions[2].sql: expected a text, found \"\"");
  }

  @Test
  void numbersHaveBounds() {
    assertThat(problems("logical: {jobs: 0, format: directory}"))
        .containsExactly("prova.yaml:1: logical.jobs: expected a number from 1 to 64, found \"0\"");
    assertThat(problems("retention: {keep_days: -1}"))
        .containsExactly(
            "prova.yaml:1: retention.keep_days: expected a number from 0 to 36500, found \"-1\"");
    assertThat(problems("retention: {keep_days: 30 days}"))
        .containsExactly(
            "prova.yaml:1: retention.keep_days: expected a number from 0 to 36500, found \"30 days\"");
    assertThat(problems("retention: {keep_days: 99999999999}"))
        .containsExactly(
            "prova.yaml:1: retention.keep_days: expected a number from 0 to 36500, found \"99999999999\"");
  }

  @Test
  void lengthsOfTimeNeedAUnitAndHaveBounds() {
    String expected =
        "expected a length of time from 1 s to 30 d, such as \"90 min\" or \"12 h\", found ";
    for (String wrong :
        List.of("12", "0 h", "-1 h", "3 fortnights", "1.5 h", "99999999999999999999 h", "40 w")) {
      assertThat(problems("logical: {time_limit: " + wrong + "}"))
          .containsExactly("prova.yaml:1: logical.time_limit: " + expected + '"' + wrong + '"');
    }
    assertThat(problems("logical: {time_limit: 9223372036854775807 w}"))
        .containsExactly(
            "prova.yaml:1: logical.time_limit: " + expected + "\"9223372036854775807 w\"");
  }

  @Test
  void sizesNeedAKnownUnitAndHaveBounds() {
    for (String wrong : List.of("0", "50", "-5 MB", "50 MBit", "2 GB", "1e400 GB")) {
      assertThat(problems("physical: {max_rate: " + wrong + "}"))
          .containsExactly(
              "prova.yaml:1: physical.max_rate: expected a size from 32 kB to 1 GB, such as \"50 MB\", found \""
                  + wrong
                  + '"');
    }
  }

  @Test
  void anUnknownTimeZoneNamesTheNearest() {
    assertThat(problems("time_zone: america/sao_paolo"))
        .containsExactly(
            "prova.yaml:1: time_zone: expected a time zone such as \"America/Sao_Paulo\", found \"america/sao_paolo\"; did you mean \"America/Sao_Paulo\"?");
    assertThat(problems("time_zone: Brasília, Distrito Federal"))
        .containsExactly(
            "prova.yaml:1: time_zone: expected a time zone such as \"America/Sao_Paulo\", found \"Brasília, Distrito Federal\"");
  }

  @Test
  void aWrongScheduleSaysWhatWasExpected() {
    assertThat(
            problems(
                "logical: {schedule: dayly 02:00}\nphysical: {schedule: 0 0 30 2 *}\ndrill: {schedule: soon}"))
        .containsExactly(
            "prova.yaml:1: logical.schedule: \"dayly\" is not a day; did you mean \"daily\"?",
            "prova.yaml:2: physical.schedule: \"0 0 30 2 *\" is never due: no such day exists",
            "prova.yaml:3: drill.schedule: expected a schedule such as \"daily 02:00\", \"sunday 03:00\", \"monthly 1 04:00\" or a cron line of five fields, found \"soon\"");
  }

  @Test
  void onlyDirectoryDumpsHaveJobs() {
    assertThat(problems("logical:\n  jobs: 4\n"))
        .containsExactly(
            "prova.yaml:2: logical.jobs: only the directory format has parallel jobs: set format: directory");
    assertThat(problems("logical: {format: custom, jobs: 4}"))
        .containsExactly(
            "prova.yaml:1: logical.jobs: only the directory format has parallel jobs: set format: directory");
  }

  @Test
  void compressionMustBeOneThatTheFormatHas() {
    String expected =
        "prova.yaml:1: logical.compression: expected none, gzip or zstd, or with a level gzip:1 to gzip:9 or zstd:1 to zstd:19, found ";
    for (String wrong : List.of("lz4", "gzip:10", "zstd:20", "gzip:", "none:1", "zstd:-1")) {
      assertThat(problems("logical: {compression: \"" + wrong + "\"}"))
          .containsExactly(expected + '"' + wrong + '"');
    }
    assertThat(problems("logical: {compression: {zstd: 9}}"))
        .containsExactly(expected + "a mapping");
    assertThat(problems("logical: {compression: zstd, format: custom}"))
        .containsExactly(
            "prova.yaml:1: logical.compression: zstd is for the plain format; the others are compressed by pg_dump: set gzip");
  }

  @Test
  void aSelectionOfNoDatabaseIsAMistake() {
    assertThat(problems("logical:\n  include: []\n  exclude: [a, \"*\"]\n"))
        .containsExactly(
            "prova.yaml:2: logical.include: selects no database; \"*\" selects all",
            "prova.yaml:3: logical.exclude: excludes every database");
  }

  @Test
  void retentionThatKeepsNothingIsRefused() {
    assertThat(problems("retention: {keep_days: 0}"))
        .containsExactly(
            "prova.yaml:1: retention: keeps nothing; at least one rule must be above 0");
    assertThat(problems("retention:\n  logical:\n    keep_days: 0\n"))
        .containsExactly(
            "prova.yaml:2: retention.logical: keeps nothing; at least one rule must be above 0");
  }

  @Test
  void theRepositoryIsADirectoryOfItsOwn() {
    for (String wrong : List.of("backup", "./backup", "~/backup", "/", "/a/..")) {
      assertThat(problems("repository: " + wrong))
          .containsExactly(
              "prova.yaml:1: repository: expected a path that begins with \"/\" and leads to a directory of its own, found \""
                  + wrong
                  + '"');
    }
    assertThat(problems("repository: /var/tmp/backup"))
        .containsExactly(
            "prova.yaml:1: repository: lies in the directory of drills, /var/tmp, where things are removed");
    assertThat(problems("repository: /srv/b\nstate_directory: /srv/b/state\n"))
        .containsExactly("prova.yaml:2: state_directory: lies in the repository /srv/b");
  }

  @Test
  void eachOfSeveralClustersNeedsARepositoryOfItsOwn() {
    assertThat(problems("clusters:\n  a:\n    repository: /srv/a\n  b:\n    logical: {}\n  c:\n"))
        .containsExactly(
            "prova.yaml:4: clusters.b.repository: missing",
            "prova.yaml:6: clusters.c.repository: missing");
    assertThat(
            problems(
                "clusters:\n  a: {repository: /srv/a}\n  b: {repository: /srv/a/}\n  c: {repository: /srv/a/c}\n"))
        .containsExactly(
            "prova.yaml:3: clusters.b.repository: shares its place with the repository of a, /srv/a; each cluster needs its own",
            "prova.yaml:4: clusters.c.repository: shares its place with the repository of a, /srv/a; each cluster needs its own",
            "prova.yaml:4: clusters.c.repository: shares its place with the repository of b, /srv/a; each cluster needs its own");
  }

  @Test
  void clustersHaveNames() {
    assertThat(problems("clusters:\n")).containsExactly("prova.yaml:1: clusters: names no cluster");
    assertThat(problems("clusters: {\"../x\": {}}"))
        .containsExactly(
            "prova.yaml:1: clusters.../x: expected a name of up to 63 letters, digits, \"-\" and \"_\"");
  }

  @Test
  void theKeysOfAClusterDoNotStandBesideTheClusters() {
    assertThat(problems("clusters:\n  main: {}\nlogical: {jobs: 1}\n"))
        .containsExactly(
            "prova.yaml:3: logical: stands beside \"clusters\"; it belongs below the name of a cluster");
  }

  @Test
  void connectionsHaveTheKeywordsOfLibpq() {
    assertThat(problems("connection: {hots: a, port: 70000, user: }"))
        .containsExactly(
            "prova.yaml:1: connection.port: expected a port from 1 to 65535, or one for each host with commas between; what stands there is not shown, as it may be secret",
            "prova.yaml:1: connection.user: expected a text, found nothing",
            "prova.yaml:1: connection: holds a key that is unknown, or a value with a comma that needs quotes");
    assertThat(problems("connection:\n  hots: a\n"))
        .containsExactly("prova.yaml:2: connection.hots: unknown key; did you mean \"host\"?");
    assertThat(problems("connection: postgresql://a/b?sslmoed=require"))
        .containsExactly(
            "prova.yaml:1: connection: unknown keyword in the connection string; did you mean \"sslmode\"?");
    assertThat(problems("connection: host"))
        .containsExactly(
            "prova.yaml:1: connection: not a connection string: connection string has a word without \"=\"");
    assertThat(problems("admin_connection: {password: a, password_file: b}"))
        .containsExactly(
            "prova.yaml:1: admin_connection.password_file: expected a path that begins with \"/\", found \"b\"");
    assertThat(problems("admin_connection: {password: a, password_file: /b}"))
        .containsExactly(
            "prova.yaml:1: admin_connection.password_file: there is a password already; one of the two must go");
  }

  @Test
  void theServiceIsStoppedAndStartedInExactlyOneWay() {
    String expected =
        "expected exactly one way: \"auto\" or one of systemd, pg_ctl, pg_ctlcluster, or start and stop with a value";
    assertThat(problems("service: systemd"))
        .containsExactly(
            "prova.yaml:1: service: expected \"auto\" or one of systemd, pg_ctl, pg_ctlcluster, or start and stop with a value, found \"systemd\"");
    assertThat(problems("service: {}")).containsExactly("prova.yaml:1: service: " + expected);
    assertThat(problems("service: {systemd: a, pg_ctl: true}"))
        .containsExactly("prova.yaml:1: service: " + expected);
    assertThat(problems("service: {pg_ctl: false}"))
        .containsExactly("prova.yaml:1: service: " + expected);
    assertThat(problems("service: {start: /bin/true}"))
        .containsExactly("prova.yaml:1: service.stop: missing");
    assertThat(problems("service: {systemd: a, log: /l}"))
        .containsExactly(
            "prova.yaml:1: service.log: only for pg_ctl and for start and stop; others keep their own log");
    assertThat(problems("service: {systemd: -f}"))
        .containsExactly(
            "prova.yaml:1: service.systemd: expected a systemd unit such as \"postgresql@15-main\", found \"-f\"",
            "prova.yaml:1: service: " + expected);
    assertThat(problems("service: {pg_ctlcluster: main 15}"))
        .containsExactly(
            "prova.yaml:1: service.pg_ctlcluster: expected a version and a name such as \"15 main\", found \"main 15\"",
            "prova.yaml:1: service: " + expected);
  }

  @Test
  void commandsThatCountOnAShellAreRefused() {
    assertThat(problems("service: {start: /a | /b, stop: /c}"))
        .containsExactly(
            "prova.yaml:1: service.start: no shell runs this: write a list of the program and its arguments");
    assertThat(problems("alerts: {team: {command: []}}"))
        .containsExactly(
            "prova.yaml:1: alerts.team.command: expected a program with its arguments, such as \"/usr/local/bin/tell team\" or a list, found a list");
  }

  @Test
  void drillsTakePlaceWhereASocketFitsAndNotAsRoot() {
    String deep = "/srv/" + "d".repeat(51);
    assertThat(problems("drill: {directory: " + deep + ", os_user: root}"))
        .containsExactly(
            "prova.yaml:1: drill.directory: expected a path that begins with \"/\", of at most 55 bytes, since a socket has to fit below it, found \""
                + deep
                + '"',
            "prova.yaml:1: drill.os_user: expected a user of this machine other than root, whom PostgreSQL refuses, found \"root\"");
  }

  @Test
  void mailNeedsToKnowHowItIsSent() {
    assertThat(problems("alerts:\n  team:\n    email: a@example.com\n"))
        .containsExactly(
            "prova.yaml:3: alerts.team.email: needs \"mail\", which says how e-mail is sent");
    assertThat(problems("alerts: {mail: {}}"))
        .containsExactly(
            "prova.yaml:1: alerts.mail.host: missing", "prova.yaml:1: alerts.mail.from: missing");
    assertThat(problems("alerts: {mail: {host: h, from: a@b, user: u}}"))
        .containsExactly(
            "prova.yaml:1: alerts.mail.user: needs a password: password_file, $PROVA_MAIL_PASSWORD or password");
    assertThat(problems("alerts: {mail: {host: h, from: a@b, password: p}}"))
        .containsExactly("prova.yaml:1: alerts.mail.user: missing, though there is a password");
  }

  @Test
  void unprotectedMailStaysOnThisMachine() {
    for (String host : List.of("smtp.example.com", "127.evil.example", "10.0.0.1")) {
      assertThat(problems("alerts: {mail: {host: " + host + ", from: a@b, security: none}}"))
          .containsExactly(
              "prova.yaml:1: alerts.mail.security: mail would cross the network unprotected: use starttls or tls, or a relay on this machine");
    }
  }

  @Test
  void anAddressCannotSmuggleAnythingIntoAMail() {
    for (String address : List.of("team", "a@b@c", "a b@c", "a@c,d@e", "<a@c>", "a@")) {
      assertThat(problems("alerts: {mail: {host: h, from: \"" + address + "\"}}"))
          .containsExactly(
              "prova.yaml:1: alerts.mail.from: expected an e-mail address such as \"team@example.com\", found \""
                  + address
                  + '"');
    }
    assertThat(problems("alerts: {mail: {host: h, from: \"a@b\\r\\nBcc: c@d\"}}"))
        .containsExactly(
            "prova.yaml:1: alerts.mail.from: expected an e-mail address such as \"team@example.com\", found a line break or control character");
  }

  @Test
  void addressesOnTheWebAreProtectedToo() {
    for (String url :
        List.of(
            "http://chat.example.com/x",
            "https://",
            "https://user:pw@chat.example.com/x",
            "ftp://chat.example.com/x",
            "chat.example.com/x",
            "http://127.0.0.1.example.com/")) {
      assertThat(problems("alerts: {ping: \"" + url + "\"}"))
          .containsExactly(
              "prova.yaml:1: alerts.ping: expected an https:// address (http:// only on this machine); what stands there is not shown, as it may be secret");
    }
  }

  @Test
  void whatAMessageShowsCannotForgeLines() {
    assertThat(problems("\"a\\nprova.yaml:9: b\": 1"))
        .containsExactly("prova.yaml:1: a\\nprova.yaml:9: b: unknown key");
    assertThat(problems("logical: {jobs: \"1\\e[31m\"}"))
        .containsExactly(
            "prova.yaml:1: logical.jobs: expected a number from 1 to 64, found a line break or control character");
  }

  @Test
  void longTextsAreShownInPart() {
    assertThat(problems("logical: {jobs: " + "x".repeat(4096) + "}"))
        .containsExactly(
            "prova.yaml:1: logical.jobs: expected a number from 1 to 64, found \""
                + "x".repeat(60)
                + "…\"");
    assertThat(problems("logical: {jobs: " + "x".repeat(4097) + "}"))
        .containsExactly(
            "prova.yaml:1: logical.jobs: expected a number from 1 to 64, found one of more than 4096 characters");
  }

  @Test
  void aMailPasswordFileMustBeASmallFileThatIsThere() throws IOException {
    String password =
        "prova.yaml:1: alerts.mail.user: needs a password: password_file, $PROVA_MAIL_PASSWORD or password";
    assertThat(passwordFileProblems(Path.of("/nowhere/smtp")))
        .containsExactly(
            "prova.yaml:1: alerts.mail.password_file: the file /nowhere/smtp cannot be read: it does not exist",
            password);
    assertThat(passwordFileProblems(Path.of("/dev/zero")))
        .containsExactly(
            "prova.yaml:1: alerts.mail.password_file: /dev/zero is not a file", password);
    Path large = Files.write(directory.resolve("large"), new byte[4097]);
    assertThat(passwordFileProblems(large))
        .containsExactly(
            "prova.yaml:1: alerts.mail.password_file: " + large + " is too large to be a password",
            password);
  }

  private List<String> passwordFileProblems(Path file) {
    return problems(
        "alerts: {mail: {host: h, from: a@b, user: u, password_file: \"" + file + "\"}}");
  }
}
