package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.OperationFailed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `canary` is a secret wherever it stands.
class ConfigurationSecretsTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "connection: {password: canary}",
        "connection: {password: [canary]}",
        "connection: {password: {canary: canary}}",
        "connection: {password: x,canary}",
        "connection: {password: x,canary: y}",
        "connection: {password: x, canary}",
        "connection: {pasword: x, passwrod: canary}",
        "connection:\n  - canary\n",
        "connection: {host: \"postgresql://u:canary@h\"}",
        "connection: {user: u, port: canary}",
        "connection: {postgresql://u:canary@h/db}",
        "connection: postgresql://u:canary@h/db",
        "connection: postgresql://u:canary@h/db?sslmoed=require",
        "connection: postgresql://u:x/canary@h/db",
        "connection: postgresql://u:x?canary@h/db",
        "connection: postgresql://u:x?y=canary@h/db",
        "connection: postgresql://u:x@y/canary@h/db",
        "connection: postgresql://u:x%canary@h/db",
        "connection: postgresql://u:canary",
        "connection: postgresql://u:canary#x",
        "connection: postgresql//u:canary@h/db",
        "connection: postgresql//u:canary@h/db?sslmode=require",
        "connection: postgresql://h/db?password=canary",
        "connection: host=h password=canary",
        "connection: host=h password=x canary",
        "connection: host=h password=x canary=y",
        "connection: host=h password='x canary",
        "connection: host=h password='x' canary port=1",
        "admin_connection: {user: u, password: canary, pord: 1}",
        "connection: {user: u, password: canary}\nadmin_connection: {dbname: x}",
        "connection: \"canary",
        "connection: {password: \"x canary",
        "connection: {password: *canary}",
        "connection: {password: &canary}",
        "connection: {password: !canary}",
        "connection: {password: !x canary}",
        "connection: {password: @canary}",
        "connection: {password: %canary}",
        "connection: {password: \"\\canary\"}",
        "connection:\n  password: x: canary\n",
        "connection:\n  password: |canary\n",
        "connection:\n  password: \"x\ncanary\"\n",
        "connection:\n  password: x\ncanary\n",
        "connection:\n  password: x\n  password: canary\n",
        "connection:\n  password:\n    - canary\n",
        "connection:\n\tpassword: canary\n",
        "repository: postgresql://u:canary@h/db",
        "repository: u:canary@h/db",
        "repository: password=canary",
        "logical: {schedule: \"postgresql://u:canary@h/db\"}",
        "time_zone: https://h/canary",
        "alerts: {ping: https://h.example/canary}",
        "alerts: {ping: \"https://h.example/x?token=canary#canary\"}",
        "alerts: {ping: h.example/canary}",
        "alerts: {ping: http://h.example/canary}",
        "alerts: {ping: {logical: https://h.example/canary, fisical: https://h.example/canary}}",
        "alerts: {team: {webhook: [https://h.example/canary, canary]}}",
        "alerts: {team: {webhook: {canary: canary}}}",
        "alerts: {team: {webhook: https://canary@h.example/}}",
        "alerts: {team: {command: [/bin/tell, --token, canary]}}",
        "alerts: {team: {command: /bin/tell --token canary}}",
        "alerts: {team: {command: /bin/tell --token 'canary'}}",
        "alerts: {team: {email: \"smtp://u:canary@h\"}}",
        "alerts: {mail: {host: h, from: a@b, user: u, password: canary}}",
        "alerts: {mail: {host: \"smtp://u:canary@h\", from: a@b}}",
        "alerts: {mail: {host: h, from: a@b, user: u, pasword: canary}}",
        "alerts: {mail: {host: h, from: a@b, password: canary}}",
        "alerts: {mail: {host: h, from: a@b, user: u, password: [canary]}}",
        "service: {start: /bin/x postgresql://u:canary@h/db, stop: /bin/x}",
        "postgresql://u:canary@h/db: x",
        "password=canary: x",
        "postgresql://u:canary@h/db",
      })
  void aSecretIsNeverShown(String yaml) throws IOException {
    assertNothingShows(yaml, new Yaml(directory));
  }

  @Test
  void secretsFromElsewhereAreNotShownEither() throws IOException {
    Path file = Files.writeString(directory.resolve("smtp"), "canary");
    String mail = "alerts: {mail: {host: h, from: a@b, user: u";
    assertNothingShows(mail + ", password_file: " + file + "}}", new Yaml(directory));
    assertNothingShows(mail + "}}", new Yaml(directory, Map.of("PROVA_MAIL_PASSWORD", "canary")));
  }

  private static void assertNothingShows(String yaml, Yaml reader) {
    String shown;
    try {
      LoadedSettings loaded = reader.load(yaml);
      assertThat(loaded.values())
          .filteredOn(EffectiveValue::secret)
          .allMatch(value -> value.value().contains("(secret)"));
      shown = loaded.values().toString();
      for (ClusterSettings cluster : loaded.settings().clusters().values()) {
        shown += cluster.connection() + " " + cluster.adminConnection();
      }
    } catch (OperationFailed e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      shown = trace + e.problem().toString() + e.hint();
    }
    assertThat(shown).as(yaml).doesNotContainIgnoringCase("canary");
  }

  @Test
  void whatIsHiddenIsSaidToBe() {
    assertThat(
            new Yaml(directory)
                .load(
                    """
                    connection: postgresql://prova:x@db1/postgres
                    alerts:
                      team:
                        webhook: https://chat.example.com:8443/hooks/T0
                        command: [/usr/local/bin/tell, team]
                    """)
                .values())
        .filteredOn(value -> !value.origin().equals("default"))
        .isEqualTo(
            List.of(
                new EffectiveValue("connection.host", "db1", "prova.yaml:1", false),
                new EffectiveValue("connection.dbname", "postgres", "prova.yaml:1", false),
                new EffectiveValue("connection.user", "prova", "prova.yaml:1", false),
                new EffectiveValue("connection.password", "(secret)", "prova.yaml:1", true),
                new EffectiveValue(
                    "alerts.team.webhook",
                    "[https://chat.example.com:8443/(secret)]",
                    "prova.yaml:4",
                    true),
                new EffectiveValue(
                    "alerts.team.command", "/usr/local/bin/tell …", "prova.yaml:5", false)));
  }
}
