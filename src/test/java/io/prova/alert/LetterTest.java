package io.prova.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.base.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LetterTest {

  private static final Instant NIGHT = Instant.parse("2026-11-22T05:00:13Z");

  @TempDir Path state;

  private final Redactor redactor = new Redactor();
  private final Mailbox team = new Mailbox("email:team@example.com");

  private Announcement told(Incident incident) throws Exception {
    return told(Language.ENGLISH, incident);
  }

  private Announcement told(Language language, Incident incident) throws Exception {
    Alerts alerts =
        new Alerts(
            state,
            Mailbox.channels(List.of(team), List.of()),
            new Letterhead(language, ZoneId.of("America/Sao_Paulo"), "db1"),
            redactor,
            Duration.ofSeconds(5),
            result -> {});
    alerts.raise(incident, NIGHT);
    alerts.deliverDue(NIGHT);
    return team.received.getLast();
  }

  private static Incident incident(Message error, List<String> lastLines) {
    return new Incident(
        "main/backup/logical",
        "main",
        Severity.ERROR,
        Audience.TEAM,
        Message.message("logical backup failed"),
        NIGHT,
        Optional.empty(),
        Optional.of(error),
        Optional.empty(),
        List.of(),
        lastLines);
  }

  @Test
  void aLetterSaysWhatFailedWhereAndWhenThenWhyAndWhatToType() throws Exception {
    assertThat(told(Mailbox.incident(Audience.TEAM, NIGHT)).body())
        .isEqualTo(
            """
            logical backup failed

            Cluster: main, on db1
            When: 2026-11-22 02:00:13 -03:00 (America/Sao_Paulo)
            Severity: error
            Operation: 7f3a

            What is wrong
              pg_dump ended with exit code 1

            What may help
              Is the server running?

            What to type
              prova check main
              prova backup --logical main

            Last lines of the log
              pg_dump: error: connection refused

            You will hear when it works again.
            """);
  }

  @Test
  void aLetterIsWrittenInTheLanguageOfItsReaders() throws Exception {
    Incident incident =
        new Incident(
            "main/backup/logical",
            "main",
            Severity.ERROR,
            Audience.TEAM,
            Message.message("logical backup failed"),
            NIGHT,
            Optional.of("7f3a"),
            Optional.of(Message.message("{0} failed (exit code {1}): {2}", "pg_dump", 1, "killed")),
            Optional.of(
                Message.message(
                    "The disk is full. Nothing incomplete was kept, and nothing was removed.")),
            List.of("prova check"),
            List.of("pg_dump: error: killed"));

    Announcement told = told(Language.PORTUGUESE, incident);

    assertThat(told.subject()).isEqualTo("[Prova] main: o backup lógico falhou");
    assertThat(told.body())
        .isEqualTo(
            """
            o backup lógico falhou

            Cluster: main, em db1
            Quando: 2026-11-22 02:00:13 -03:00 (America/Sao_Paulo)
            Gravidade: erro
            Operação: 7f3a

            O que está errado
              pg_dump falhou (código de saída 1): killed

            O que pode ajudar
              O disco está cheio. Nada incompleto foi guardado, e nada foi removido.

            O que digitar
              prova check

            Últimas linhas do log
              pg_dump: error: killed

            Você será avisado quando voltar a funcionar.
            """);
  }

  @Test
  void onlyTheLastLinesOfALongLogAreTold() throws Exception {
    List<String> log =
        IntStream.range(0, 5000).mapToObj(i -> "line " + i + " " + "x".repeat(i)).toList();
    String body = told(incident(Message.message("it broke"), log)).body();
    assertThat(body).contains("  line 4999 ").contains("  line 4980 ").doesNotContain("line 4979");
    assertThat(body.length()).isLessThan(8000);
  }

  @Test
  void secretsAndRowsAreLeftOutEvenAcrossLines() throws Exception {
    redactor.learn(new Secret("hunter2-canary"));
    redactor.learn(new Secret("first half\nsecond half"));
    Announcement told =
        told(
            incident(
                Message.message(
                    "FATAL: {0} / DETAIL:  Key (cpf)=(canary) exists", "hunter2-canary"),
                List.of(
                    "password was first half",
                    "second half",
                    "ERROR:  oops",
                    "CONTEXT:  COPY t, line 3: \"canary",
                    "canary again\"",
                    "pg_dump: error: hunter2-canary")));
    assertThat(told.body())
        .doesNotContain("canary")
        .doesNotContain("half")
        .contains("FATAL: *** / DETAIL:  …");
  }

  @Test
  void namesFromOutsideCannotForgeLines() throws Exception {
    Announcement told =
        told(
            incident(
                Message.message("database {0} failed", "x\n\nCluster: other\u001b[31m"),
                Collections.nCopies(2, "ok\r\u001b[2Jforged")));
    assertThat(told.body())
        .contains("database x\\n\\nCluster: other\\u001b[31m failed")
        .contains("\\u001b[2Jforged");
    assertThat(told.body().chars().filter(c -> c < ' ' && c != '\n')).isEmpty();
  }
}
