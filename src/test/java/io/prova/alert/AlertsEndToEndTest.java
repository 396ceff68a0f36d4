package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.prova.alert.AlertOptions.Mail;
import io.prova.alert.AlertOptions.MailSecurity;
import io.prova.alert.AlertOptions.Recipients;
import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.base.Secret;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From a configuration to a real mail server, a real web server and a real program, with secrets
/// everywhere.
class AlertsEndToEndTest {

  private static final Instant NIGHT = Instant.parse("2026-11-22T05:00:13Z");
  private static final String LOOPBACK = InetAddress.getLoopbackAddress().getHostAddress();

  @TempDir Path directory;

  private final Redactor redactor = new Redactor();
  private final List<DeliveryResult> results = Collections.synchronizedList(new ArrayList<>());

  private Alerts alerts(int mailPort, HttpReceiver web) throws Exception {
    Path script = directory.resolve("page.sh");
    if (!Files.exists(script)) {
      Files.writeString(
          script,
          "#!/bin/sh\nenv >> $1/env; cat >> $1/stdin; echo fails >&2; exit $(cat $1/code)\n");
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }
    Recipients team =
        new Recipients(
            List.of("team@example.com"),
            List.of(web.uri("/services/T000/webhook-canary")),
            List.of(List.of(script.toString(), directory.toString(), "argument-canary")));
    AlertOptions options =
        new AlertOptions(
            team,
            Recipients.NONE,
            Optional.of(
                new Mail(
                    "localhost",
                    mailPort,
                    MailSecurity.NONE,
                    Optional.of("prova"),
                    Optional.of(new Secret("mail-canary")),
                    "prova@example.com")),
            Map.of(),
            Duration.ofHours(2),
            Duration.ofHours(12),
            Optional.empty());
    return Alerts.open(
        directory.resolve("state"),
        options,
        new Letterhead(Language.PORTUGUESE, ZoneId.of("America/Sao_Paulo"), "db1"),
        SSLContext.getDefault(),
        redactor,
        results::add);
  }

  @Test
  void whatEveryServerRefusedIsDeliveredWhenTheyAreBackAndShowsNoSecret() throws Exception {
    int mailPort = freePort();
    Files.writeString(directory.resolve("code"), "7");
    redactor.learn(new Secret("database-canary"));
    Incident incident =
        new Incident(
            "main/backup/logical",
            "main",
            Severity.ERROR,
            Audience.TEAM,
            Message.message("logical backup failed"),
            NIGHT,
            Optional.of("7f3a"),
            Optional.of(Message.message("login with {0} was refused", "database-canary")),
            Optional.empty(),
            List.of("prova check main"),
            List.of("PGPASSWORD=database-canary pg_dump", "mail-canary"));
    try (HttpReceiver web = new HttpReceiver()) {
      web.answer = HttpReceiver.status(500, "cannot post to /services/T000/webhook-canary");
      Alerts alerts = alerts(mailPort, web);
      alerts.raise(incident, NIGHT);
      alerts.deliverDue(NIGHT);
      assertThat(alerts.undelivered())
          .extracting(lost -> lost.channel().replaceFirst("#.*", ""), Undelivered::attempts)
          .containsExactlyInAnyOrder(
              tuple("email:team@example.com", 1),
              tuple("webhook:" + web.origin(), 1),
              tuple("command:page.sh", 1));
      assertThat(alerts.undelivered().toString()).doesNotContain("canary");
      assertNoCanary();

      GreenMail mail = new GreenMail(new ServerSetup(mailPort, LOOPBACK, "smtp"));
      mail.setUser("prova@example.com", "prova", "mail-canary");
      mail.start();
      try {
        web.answer = HttpReceiver.status(200, "ok");
        Files.writeString(directory.resolve("code"), "0");
        Alerts afterRestart = alerts(mailPort, web);
        afterRestart.deliverDue(NIGHT.plusSeconds(60));
        assertThat(afterRestart.undelivered()).isEmpty();
        assertThat(afterRestart.open()).hasSize(1);

        assertThat(mail.getReceivedMessages()).hasSize(1);
        MimeMessage received = mail.getReceivedMessages()[0];
        assertThat((String) received.getContent()).contains("7f3a").doesNotContain("canary");
        assertThat(GreenMailUtil.getHeaders(received)).doesNotContain("canary");
        assertThat(web.bodies).hasSize(2).noneMatch(body -> body.contains("canary"));
        assertNoCanary();
      } finally {
        mail.stop();
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void assertNoCanary() throws IOException {
    assertThat(results.toString()).doesNotContain("canary");
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file)).as(file.toString()).doesNotContain("canary");
      }
    }
  }
}
