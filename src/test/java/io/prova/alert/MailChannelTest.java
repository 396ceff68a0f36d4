package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.prova.alert.AlertOptions.Mail;
import io.prova.alert.AlertOptions.MailSecurity;
import io.prova.base.Redactor;
import io.prova.base.Secret;
import jakarta.mail.internet.MimeMessage;
import java.lang.Thread.UncaughtExceptionHandler;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailChannelTest {

  private static final Instant NIGHT = Instant.parse("2026-11-22T05:00:13Z");
  private static final String PASSWORD = "changeit";

  @TempDir static Path keys;

  /// For the name `localhost`, and for another.
  private static KeyStore ours;

  private static KeyStore others;

  private GreenMail server;

  private static UncaughtExceptionHandler before;

  /// GreenMail lets a thread die with a stack trace for each client that refuses its certificate.
  @BeforeAll
  static void silenceGreenMail() {
    before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
      if (!thread.getName().startsWith("smtp")) {
        throw new AssertionError("in " + thread, failure);
      }
    });
  }

  @AfterAll
  static void listenAgain() {
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  @BeforeAll
  static void makeKeys() throws Exception {
    ours = generate("localhost");
    others = generate("mail.example.com");
  }

  private static KeyStore generate(String name) throws Exception {
    Path file = keys.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  private static SSLContext trusting(KeyStore store) throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static SSLContext serving(KeyStore store) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private int start(String protocol) {
    server =
        new GreenMail(
            new ServerSetup(0, InetAddress.getLoopbackAddress().getHostAddress(), protocol));
    server.start();
    return protocol.equals(ServerSetup.PROTOCOL_SMTP)
        ? server.getSmtp().getPort()
        : server.getSmtps().getPort();
  }

  private int startTlsFor(String name) {
    System.setProperty("greenmail.tls.keystore.file", keys.resolve(name + ".p12").toString());
    try {
      return start(ServerSetup.PROTOCOL_SMTPS);
    } finally {
      System.clearProperty("greenmail.tls.keystore.file");
    }
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.stop();
    }
  }

  private static Mail mail(int port, MailSecurity security) {
    return new Mail(
        "localhost", port, security, Optional.empty(), Optional.empty(), "prova@example.com");
  }

  private static Optional<String> send(Mail mail, SSLContext tls) throws Exception {
    return send(mail, tls, WebhookChannelTest.ANNOUNCEMENT, "team@example.com");
  }

  private static Optional<String> send(
      Mail mail, SSLContext tls, Announcement announcement, String address) throws Exception {
    MailChannel channel = new MailChannel(address, Optional.of(mail), "db 1", tls, new Redactor());
    try {
      TimeLimit.run(Duration.ofSeconds(10), () -> channel.send(announcement, NIGHT));
      return Optional.empty();
    } catch (DeliveryFailed e) {
      return Optional.of(e.problem().toString());
    }
  }

  @Test
  void aMessageArrivesAsItWasWritten() throws Exception {
    int port = start(ServerSetup.PROTOCOL_SMTP);
    assertThat(send(mail(port, MailSecurity.NONE), SSLContext.getDefault())).isEmpty();
    MimeMessage message = server.getReceivedMessages()[0];
    assertThat(message.getSubject())
        .isEqualTo("[Prova] main: logical backup failed <!channel> & ção");
    assertThat(message.getContentType()).isEqualTo("text/plain; charset=UTF-8");
    assertThat(((String) message.getContent()).lines())
        .containsExactly("line one", ".", "line three");
    assertThat(message.getFrom()[0]).hasToString("prova@example.com");
    assertThat(message.getAllRecipients()[0]).hasToString("team@example.com");
    assertThat(message.getSentDate()).isEqualTo(Date.from(NIGHT));
    assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-generated");
  }

  @Test
  void aSubjectCannotBeginAnotherHeader() throws Exception {
    int port = start(ServerSetup.PROTOCOL_SMTP);
    Announcement hostile =
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
            "one\r\nBcc: eve@example.com\r\n\r\nforged body\u2028\0x",
            "body\n.\nQUIT\n");
    assertThat(
            send(
                mail(port, MailSecurity.NONE),
                SSLContext.getDefault(),
                hostile,
                "team@example.com"))
        .isEmpty();
    MimeMessage message = server.getReceivedMessages()[0];
    assertThat(server.getReceivedMessages()).hasSize(1);
    assertThat(message.getHeader("Bcc")).isNull();
    assertThat(message.getSubject()).startsWith("one Bcc: eve@example.com forged body");
    assertThat(GreenMailUtil.getHeaders(message))
        .doesNotContain("\nBcc")
        .doesNotContain("\nforged");
    assertThat((String) message.getContent()).contains("QUIT");

    assertThat(
            send(
                mail(port, MailSecurity.NONE),
                SSLContext.getDefault(),
                hostile,
                "team@example.com\r\nRCPT TO:<eve@example.com>"))
        .isPresent();
    assertThat(server.getReceivedMessages()).hasSize(1);
  }

  @Test
  void aCertificateThatNobodyVouchesForIsRefused() throws Exception {
    int port = start(ServerSetup.PROTOCOL_SMTPS);
    assertThat(send(mail(port, MailSecurity.TLS), SSLContext.getDefault()).orElseThrow())
        .startsWith("mail server localhost:")
        .contains("unable to find valid certification path");
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test
  void aTrustedServerIsSpokenToOverTls() throws Exception {
    int port = startTlsFor("localhost");
    assertThat(send(mail(port, MailSecurity.TLS), trusting(ours))).isEmpty();
    assertThat(server.getReceivedMessages()).hasSize(1);
  }

  @Test
  void aCertificateForAnotherNameIsRefused() throws Exception {
    int port = startTlsFor("mail.example.com");
    assertThat(send(mail(port, MailSecurity.TLS), trusting(others)).orElseThrow())
        .contains("localhost");
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test
  void startTlsIsRequiredNotJustTried() throws Exception {
    int port = start(ServerSetup.PROTOCOL_SMTP);
    assertThat(send(mail(port, MailSecurity.STARTTLS), trusting(ours)).orElseThrow())
        .contains("STARTTLS is required");
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test
  void startTlsChecksTheServerLikeTls() throws Exception {
    int port = start(ServerSetup.PROTOCOL_SMTP);
    try (StartTlsFront front = new StartTlsFront(port, serving(ours))) {
      assertThat(send(mail(front.port(), MailSecurity.STARTTLS), trusting(ours))).isEmpty();
      assertThat(server.getReceivedMessages()).hasSize(1);
      assertThat(send(mail(front.port(), MailSecurity.STARTTLS), SSLContext.getDefault()))
          .isPresent();
    }
    try (StartTlsFront front = new StartTlsFront(port, serving(others))) {
      assertThat(send(mail(front.port(), MailSecurity.STARTTLS), trusting(others))).isPresent();
    }
    assertThat(server.getReceivedMessages()).hasSize(1);
  }

  @Test
  void withoutTlsOnlyThisMachineIsSpokenTo() throws Exception {
    Mail remote =
        new Mail(
            "192.0.2.1",
            25,
            MailSecurity.NONE,
            Optional.empty(),
            Optional.empty(),
            "prova@example.com");
    assertThat(send(remote, SSLContext.getDefault()))
        .contains("mail server 192.0.2.1: without TLS only a server on this machine is used");
  }

  @Test
  void aPasswordLogsInAndIsNeverShown() throws Exception {
    int port = startTlsFor("localhost");
    server.setUser("prova@example.com", "prova", "pass-canary");
    Mail right =
        new Mail(
            "localhost",
            port,
            MailSecurity.TLS,
            Optional.of("prova"),
            Optional.of(new Secret("pass-canary")),
            "prova@example.com");
    assertThat(send(right, trusting(ours))).isEmpty();
    Mail wrong =
        new Mail(
            "localhost",
            port,
            MailSecurity.TLS,
            Optional.of("prova"),
            Optional.of(new Secret("wrong-canary")),
            "prova@example.com");
    assertThat(send(wrong, trusting(ours)).orElseThrow())
        .startsWith("mail server localhost:")
        .doesNotContain("canary");
  }

  @Test
  void aServerThatIsNotThereOrSilentIsLeft() throws Exception {
    int port = start(ServerSetup.PROTOCOL_SMTP);
    server.stop();
    assertThat(send(mail(port, MailSecurity.NONE), SSLContext.getDefault()).orElseThrow())
        .contains("Connection refused");
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      MailChannel channel =
          new MailChannel(
              "team@example.com",
              Optional.of(mail(silent.getLocalPort(), MailSecurity.NONE)),
              "db1",
              SSLContext.getDefault(),
              new Redactor());
      assertThat(
              catchThrowableOfType(
                  DeliveryFailed.class,
                  () ->
                      TimeLimit.run(
                          Duration.ofMillis(500),
                          () -> channel.send(WebhookChannelTest.ANNOUNCEMENT, NIGHT))))
          .hasMessage("not done after 0.5 s");
    }
  }

  @Test
  void withoutAMailServerTheAlertSaysSo() throws Exception {
    MailChannel channel =
        new MailChannel(
            "team@example.com", Optional.empty(), "db1", SSLContext.getDefault(), new Redactor());
    assertThat(
            catchThrowableOfType(
                DeliveryFailed.class, () -> channel.send(WebhookChannelTest.ANNOUNCEMENT, NIGHT)))
        .hasMessage("no mail server is configured");
  }
}
