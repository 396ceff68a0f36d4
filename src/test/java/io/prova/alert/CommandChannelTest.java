package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Json;
import io.prova.base.Redactor;
import io.prova.base.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandChannelTest {

  private static final Instant NIGHT = Instant.parse("2026-11-22T05:00:13Z");

  @TempDir Path directory;

  private final Redactor redactor = new Redactor();

  private Path script(String text) throws IOException {
    Path script = directory.resolve("notify.sh");
    Files.writeString(script, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script;
  }

  private Optional<String> send(Announcement announcement, Path script, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    CommandChannel channel = new CommandChannel(command, redactor);
    try {
      TimeLimit.run(Duration.ofSeconds(2), () -> channel.send(announcement, NIGHT));
      return Optional.empty();
    } catch (DeliveryFailed e) {
      return Optional.of(e.problem().toString().replaceFirst("#[0-9a-f]{8}", "#…"));
    }
  }

  @Test
  void aCommandGetsTheMessageOnItsInputAndTheMainFieldsInACleanEnvironment() throws Exception {
    Path script =
        script(
            "cat > $1/stdin; env | sort > $1/env; echo \"$@\" > $1/arguments; ls /proc/self/fd > $1/fds");
    assertThat(
            send(
                WebhookChannelTest.ANNOUNCEMENT, script, directory.toString(), "$(touch x)", "a b"))
        .isEmpty();
    assertThat(Json.LINE.readTree(Files.readString(directory.resolve("stdin"))))
        .isEqualTo(Json.LINE.valueToTree(WebhookChannelTest.ANNOUNCEMENT));
    assertThat(Files.readAllLines(directory.resolve("env")))
        .filteredOn(line -> !line.matches("(PATH|HOME|PWD|_|SHLVL|OLDPWD)=.*"))
        .containsExactly(
            "LC_ALL=C.UTF-8",
            "PROVA_ALERT_CLUSTER=main",
            "PROVA_ALERT_KEY=main/backup/logical",
            "PROVA_ALERT_KIND=raised",
            "PROVA_ALERT_OCCURRED_AT=2026-11-22T05:00:13Z",
            "PROVA_ALERT_SEVERITY=error",
            "PROVA_ALERT_SUBJECT=[Prova] main: logical backup failed <!channel> & ção");
    assertThat(Files.readString(directory.resolve("arguments")))
        .isEqualTo(directory + " $(touch x) a b\n");
  }

  @Test
  void namesFromOutsideAreNoCommands() throws Exception {
    Announcement hostile =
        new Announcement(
            Announcement.SCHEMA,
            Announcement.Kind.RAISED,
            "x\0y",
            "`touch " + directory + "/pwned`; $(touch " + directory + "/pwned)\nA=b",
            Severity.ERROR,
            Set.of(Audience.TEAM),
            NIGHT,
            NIGHT,
            1,
            "db1",
            Optional.empty(),
            "subject",
            "body");
    assertThat(
            send(
                hostile,
                script("printf %s \"$PROVA_ALERT_CLUSTER\" > $1/cluster"),
                directory.toString()))
        .isEmpty();
    assertThat(Files.readString(directory.resolve("cluster")))
        .startsWith("`touch ")
        .endsWith("\\nA=b");
    assertThat(directory.resolve("pwned")).doesNotExist();
  }

  @Test
  void aCommandThatFailsSaysWhyWithoutItsArgumentsAndSecrets() throws Exception {
    redactor.learn(new Secret("token-canary"));
    assertThat(
            send(
                WebhookChannelTest.ANNOUNCEMENT,
                script("echo out; echo \"no\n way: $1\" >&2; exit 3"),
                "token-canary"))
        .contains("command:notify.sh#… ended with exit code 3: no way: ***");
    assertThat(send(WebhookChannelTest.ANNOUNCEMENT, directory.resolve("absent-program")))
        .contains("command:absent-program#… cannot be started");
  }

  @Test
  void aCommandNeedNotReadItsInput() throws Exception {
    Announcement long_ =
        new Announcement(
            Announcement.SCHEMA,
            Announcement.Kind.RAISED,
            "key",
            "main",
            Severity.ERROR,
            Set.of(Audience.TEAM),
            NIGHT,
            NIGHT,
            1,
            "db1",
            Optional.empty(),
            "subject",
            "x".repeat(200_000));
    assertThat(send(long_, script("exit 0"))).isEmpty();
  }

  @Test
  void aCommandThatHangsIsEndedWithAllItStarted() throws Exception {
    long began = System.nanoTime();
    assertThat(
            send(
                WebhookChannelTest.ANNOUNCEMENT,
                script("sleep 77 & echo $! > $1/child; echo $$ > $1/self; wait"),
                directory.toString()))
        .contains("not done after 2.0 s");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    for (String name : List.of("child", "self")) {
      long pid = Long.parseLong(Files.readString(directory.resolve(name)).strip());
      assertThat(ends(pid)).as(name).isTrue();
    }
  }

  private static boolean ends(long pid) throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
        return true;
      }
      Thread.sleep(50);
    }
    return false;
  }

  @Test
  void aCommandThatTalksWithoutEndIsNotListenedTo() throws Exception {
    assertThat(send(WebhookChannelTest.ANNOUNCEMENT, script("yes canary >&2")))
        .contains("not done after 2.0 s");
  }
}
