package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Json;
import io.prova.base.Redactor;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WebhookChannelTest {

  private static final Instant NIGHT = Instant.parse("2026-11-22T05:00:13Z");

  static final Announcement ANNOUNCEMENT =
      new Announcement(
          Announcement.SCHEMA,
          Announcement.Kind.RAISED,
          "main/backup/logical",
          "main",
          Severity.ERROR,
          Set.of(Audience.TEAM),
          NIGHT,
          NIGHT,
          1,
          "db1",
          Optional.of("7f3a"),
          "[Prova] main: logical backup failed <!channel> & ção",
          "line one\n.\nline three\n");

  private HttpReceiver server;

  @BeforeEach
  void start() throws Exception {
    server = new HttpReceiver();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Optional<String> send(URI uri) throws Exception {
    WebhookChannel channel = new WebhookChannel(uri, SSLContext.getDefault(), new Redactor());
    try {
      TimeLimit.run(Duration.ofSeconds(2), () -> channel.send(ANNOUNCEMENT, NIGHT));
      return Optional.empty();
    } catch (DeliveryFailed e) {
      return Optional.of(e.problem().toString());
    }
  }

  @Test
  void slackAndProgramsGetTheSameMessageEachInItsWay() throws Exception {
    assertThat(send(server.uri("/services/T0/B0/secret?a=b%20c"))).isEmpty();
    assertThat(server.requests).containsExactly("POST /services/T0/B0/secret?a=b%20c");
    JsonNode message = Json.LINE.readTree(server.bodies.getFirst());
    assertThat(message.required("text").asString())
        .isEqualTo(
            "[Prova] main: logical backup failed &lt;!channel&gt; &amp; ção\n\nline one\n.\nline three\n");
    assertThat(message.required("prova"))
        .isEqualTo(
            Json.LINE.readTree(
                """
                {"schema":"prova.alert.v1","kind":"raised","key":"main/backup/logical",
                 "cluster":"main","severity":"error","audiences":["team"],
                 "occurred_at":"2026-11-22T05:00:13Z","since":"2026-11-22T05:00:13Z","times":1,
                 "host":"db1","operation":"7f3a",
                 "subject":"[Prova] main: logical backup failed <!channel> & ção",
                 "body":"line one\\n.\\nline three\\n"}\
                """));
  }

  @Test
  void aServerThatFailsSaysWhyWithoutOurUrl() throws Exception {
    server.answer =
        HttpReceiver.status(
            403, "invalid_token T0canary at /services/T0canary/abc-canary\n q=key-canary");
    assertThat(send(server.uri("/services/T0canary/abc-canary?q=key-canary")))
        .contains(server.origin() + " answered 403: invalid_token *** at *** ***");
    server.answer = HttpReceiver.status(500, "");
    assertThat(send(server.uri("/abc-canary"))).contains(server.origin() + " answered 500: ");
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    server.answer = HttpReceiver.redirectTo("/elsewhere");
    assertThat(send(server.uri("/hook")))
        .contains(server.origin() + " answered 307: redirects are not followed");
    assertThat(server.requests).containsExactly("POST /hook");
  }

  @Test
  void anAnswerIsNotReadBeyondWhatIsOfUse() throws Exception {
    server.answer = HttpReceiver.endless(200);
    assertThat(send(server.uri("/hook"))).isEmpty();
    server.answer = HttpReceiver.dripping(200);
    assertThat(send(server.uri("/hook"))).isEmpty();
    server.answer = HttpReceiver.endless(500);
    assertThat(send(server.uri("/hook")).orElseThrow())
        .startsWith(server.origin() + " answered 500: xxx")
        .hasSizeLessThan(400);
  }

  @Test
  void aSlowServerIsLeftAfterTheLimit() throws Exception {
    server.answer = HttpReceiver.dripping(500);
    assertThat(send(server.uri("/hook"))).contains("not done after 2.0 s");
    server.answer = exchange -> Thread.sleep(60_000);
    assertThat(send(server.uri("/hook"))).contains("not done after 2.0 s");
  }

  @Test
  void aServerThatIsNotThereIsSaidToBeSo() throws Exception {
    server.close();
    assertThat(send(server.uri("/hook-canary")))
        .contains(server.origin() + " refuses the connection");
    assertThat(send(URI.create("https://0x7f.1/canary"))).contains("the URL has no valid host");
    assertThat(send(URI.create("https://does-not-exist.invalid/canary")))
        .contains("https://does-not-exist.invalid: the host's name is not known");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/canary",
        "http://192.168.1.1/canary",
        "http://127.evil.example/canary",
        "http://localhost.evil.example/canary",
        "ftp://localhost/canary"
      })
  void plainHttpIsOnlyForThisMachine(String url) throws Exception {
    assertThat(send(URI.create(url)).orElseThrow())
        .endsWith(": only https is called, or http on this machine")
        .doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/latest/meta-data",
        "https://169.254.1.1/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::a9fe:a9fe]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://100.100.100.200/"
      })
  void addressesThatHandOutCredentialsAreNeverCalled(String url) throws Exception {
    assertThat(send(URI.create(url)).orElseThrow()).endsWith("an address that is never called");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "192.168.0.1", "172.16.0.1", "fd00::1", "::1", "8.8.8.8"})
  void otherAddressesAreTheUsersOwnBusiness(String address) throws UnknownHostException {
    assertThat(WebCall.isNeverCalled(InetAddress.getByName(address))).isFalse();
  }

  @Test
  void aLoginInTheUrlIsSentAsSuchAndShownToNobody() throws Exception {
    URI uri = URI.create(server.uri("/hook").toString().replace("://", "://me:pass-canary@"));
    WebhookChannel channel = new WebhookChannel(uri, SSLContext.getDefault(), new Redactor());
    server.answer =
        exchange -> {
          String login = exchange.getRequestHeaders().getFirst("Authorization");
          HttpReceiver.status(login.equals("Basic bWU6cGFzcy1jYW5hcnk=") ? 500 : 200, "pass-canary")
              .to(exchange);
        };
    assertThat(send(uri)).contains(server.origin() + " answered 500: ***");
    assertThat(channel.id())
        .startsWith("webhook:" + server.origin() + "#")
        .doesNotContain("canary");
  }

  @Test
  void hooksOfOneHostAreToldApart() throws Exception {
    SSLContext tls = SSLContext.getDefault();
    assertThat(new WebhookChannel(server.uri("/one"), tls, new Redactor()).id())
        .isNotEqualTo(new WebhookChannel(server.uri("/two"), tls, new Redactor()).id());
  }
}
