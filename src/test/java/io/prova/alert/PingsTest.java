package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Redactor;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PingsTest {

  private HttpReceiver server;
  private Pings pings;

  @BeforeEach
  void start() throws Exception {
    server = new HttpReceiver();
    pings =
        new Pings(
            Map.of(
                "logical", server.uri("/ping/uuid-canary"),
                "physical", server.uri("/api/push?token=canary&x=1")),
            SSLContext.getDefault(),
            new Redactor());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theMonitorHearsOfSuccessAndOfFailure() throws Exception {
    assertThat(pings.success("logical")).isEmpty();
    assertThat(pings.failure("logical")).isEmpty();
    assertThat(pings.success("physical")).isEmpty();
    assertThat(pings.failure("physical")).isEmpty();
    assertThat(server.requests)
        .containsExactly(
            "GET /ping/uuid-canary",
            "GET /ping/uuid-canary/fail",
            "GET /api/push?token=canary&x=1",
            "GET /api/push/fail?token=canary&x=1");
  }

  @Test
  void aJobWithoutUrlHasNoMonitor() throws Exception {
    assertThat(pings.success("drill")).isEmpty();
    assertThat(server.requests).isEmpty();
  }

  @Test
  void aMonitorThatCannotBeToldIsReportedAndHarmsNothing() throws Exception {
    server.answer = HttpReceiver.status(404, "no check uuid-canary");
    assertThat(pings.success("logical").orElseThrow())
        .hasToString(server.origin() + " answered 404: no check ***");
    server.close();
    assertThat(pings.success("logical").orElseThrow())
        .hasToString(server.origin() + " refuses the connection");
  }
}
