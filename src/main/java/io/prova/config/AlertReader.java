package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.alert.AlertOptions;
import io.prova.alert.AlertOptions.Mail;
import io.prova.alert.AlertOptions.MailSecurity;
import io.prova.alert.AlertOptions.Recipients;
import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.base.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Reads the key `alerts`: who is told, and how.
final class AlertReader {

  static final String PASSWORD_VARIABLE = "PROVA_MAIL_PASSWORD";

  private static final int LARGEST_PASSWORD_FILE = 4096;
  private static final Pattern LOOPBACK =
      Pattern.compile("(?i)localhost|127(\\.[0-9]{1,3}){3}|\\[?::1]?");

  /// Nothing that could end a header's line or add a second recipient.
  private static final ValueType<String> ADDRESS =
      ValueType.text(
          message("an e-mail address such as \"team@example.com\""),
          text ->
              text.length() <= 254
                  && text.matches("[^\\s@<>,;:\"\\\\()\\[\\]]+@[^\\s@<>,;:\"\\\\()\\[\\]]+"));

  private static final ValueType<String> HOST =
      ValueType.text(
          message("a host name or address"),
          text -> text.matches("[A-Za-z0-9][A-Za-z0-9._-]*|\\[?[0-9A-Fa-f:.]+]?"));

  private static final Message URL_EXPECTED =
      message("an https:// address (http:// only on this machine)");

  /// Paths and queries of such addresses are passwords in all but name.
  private static final ValueType<URI> URL =
      ValueType.parsed(
              URL_EXPECTED,
              AlertReader::url,
              url -> url.getScheme() + "://" + url.getRawAuthority() + "/" + EffectiveValue.HIDDEN)
          .unseen(URL_EXPECTED);

  private static final ValueType<Optional<Language>> LANGUAGE =
      ValueType.parsed(message("\"en\", \"pt\" or \"auto\""), AlertReader::language, Language::code)
          .or("auto");

  private static final ValueType<Duration> GRACE =
      ValueType.duration(Duration.ofMinutes(1), Duration.ofDays(366));
  private static final ValueType<Duration> ESCALATION =
      ValueType.duration(Duration.ZERO, Duration.ofDays(366));

  private final Reading reading;
  private final Map<String, String> environment;

  AlertReader(Reading reading, Map<String, String> environment) {
    this.reading = reading;
    this.environment = environment;
  }

  AlertOptions read(Section alerts) {
    AlertOptions defaults = AlertOptions.DEFAULTS;
    return new AlertOptions(
        recipients(alerts, "team"),
        recipients(alerts, "administrators"),
        mail(alerts),
        ping(alerts),
        alerts.value("grace", GRACE, defaults.grace()),
        alerts.value("escalate_after", ESCALATION, defaults.escalateAfter()),
        alerts.value("language", LANGUAGE, defaults.language()));
  }

  private static Recipients recipients(Section alerts, String who) {
    Section section = alerts.section(who);
    List<String> email = section.value("email", ADDRESS.list(), List.of());
    if (!email.isEmpty() && !alerts.has("mail")) {
      section.problem("email", message("needs \"mail\", which says how e-mail is sent"));
    }
    return new Recipients(
        email,
        section.value("webhook", URL.list(), List.of()),
        section.given("command", Command.WITHOUT_ARGUMENTS).map(List::of).orElse(List.of()));
  }

  private Optional<Mail> mail(Section alerts) {
    if (!alerts.has("mail")) {
      reading.value(alerts.path("mail"), "(none)", EffectiveValue.DEFAULT);
      return Optional.empty();
    }
    Section mail = alerts.section("mail");
    String host = mail.required("host", HOST).orElse("localhost");
    MailSecurity security =
        mail.value("security", ValueType.choice(MailSecurity.class), MailSecurity.STARTTLS);
    if (security == MailSecurity.NONE && !LOOPBACK.matcher(host).matches()) {
      mail.problem(
          "security",
          message(
              "mail would cross the network unprotected: use starttls or tls, or a relay on this machine"));
    }
    int port = mail.value("port", ValueType.number(1, 65535), usualPort(security));
    Optional<String> user = mail.given("user", ValueType.TEXT);
    Optional<Secret> password = password(mail);
    if (user.isPresent() && password.isEmpty()) {
      mail.problem(
          "user", message("needs a password: password_file, ${0} or password", PASSWORD_VARIABLE));
    }
    if (!mail.has("user") && password.isPresent()) {
      mail.problem("user", message("missing, though there is a password"));
    }
    String from = mail.required("from", ADDRESS).orElse("");
    return Optional.of(new Mail(host, port, security, user, password, from));
  }

  private static int usualPort(MailSecurity security) {
    return switch (security) {
      case TLS -> 465;
      case STARTTLS -> 587;
      case NONE -> 25;
    };
  }

  private Optional<Secret> password(Section mail) {
    Optional<Secret> written = mail.secret("password");
    Optional<Path> file = mail.given("password_file", ValueType.PATH);
    if (mail.has("password") && mail.has("password_file")) {
      mail.problem("password_file", message("there is a password already; one of the two must go"));
    }
    if (file.isPresent()) {
      reading.secretFile(file.get());
      return readPassword(mail, file.get());
    }
    String variable = environment.get(PASSWORD_VARIABLE);
    if (mail.has("password") || !mail.has("user") || variable == null) {
      return written;
    }
    reading.value(mail.path("password"), EffectiveValue.HIDDEN, "$" + PASSWORD_VARIABLE);
    return Optional.of(new Secret(variable));
  }

  private static Optional<Secret> readPassword(Section mail, Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      mail.problem("password_file", message("{0} is not a file", file));
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(LARGEST_PASSWORD_FILE + 1);
      if (content.length <= LARGEST_PASSWORD_FILE) {
        return Optional.of(new Secret(new String(content, StandardCharsets.UTF_8).stripTrailing()));
      }
      mail.problem("password_file", message("{0} is too large to be a password", file));
    } catch (IOException e) {
      mail.problem(
          "password_file", message("the file {0} cannot be read: {1}", file, Unreadable.reason(e)));
    }
    return Optional.empty();
  }

  private Map<String, URI> ping(Section alerts) {
    Map<String, URI> urls = new TreeMap<>();
    List<String> jobs =
        List.of(ClusterSettings.Job.values()).stream()
            .map(job -> job.name().toLowerCase(Locale.ROOT))
            .toList();
    if (alerts.hasKeys("ping")) {
      Section ping = alerts.section("ping");
      jobs.forEach(job -> ping.given(job, URL).ifPresent(url -> urls.put(job, url)));
    } else if (alerts.has("ping")) {
      alerts.given("ping", URL).ifPresent(url -> jobs.forEach(job -> urls.put(job, url)));
    } else {
      reading.value(alerts.path("ping"), "(none)", EffectiveValue.DEFAULT);
    }
    return Map.copyOf(urls);
  }

  private static Language language(String code) {
    return Stream.of(Language.values())
        .filter(each -> each.code().equals(code))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(code));
  }

  private static URI url(String text) {
    URI url = URI.create(text);
    boolean local = url.getHost() != null && LOOPBACK.matcher(url.getHost()).matches();
    if (url.getHost() == null
        || url.getRawUserInfo() != null
        || !("https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && local))) {
      throw new IllegalArgumentException("not such an address");
    }
    return url;
  }
}
