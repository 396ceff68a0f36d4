package io.prova.alert;

import io.prova.alert.AlertOptions.Mail;
import io.prova.alert.AlertOptions.MailSecurity;
import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.base.Secret;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/// Sends e-mail to one address, over TLS with a server that proves its name, or without TLS to a
/// relay on this machine and to no other.
final class MailChannel implements Channel {

  private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9.-]{1,253}");

  private final String address;
  private final Optional<Mail> options;
  private final String host;
  private final SSLContext tls;
  private final Redactor redactor;

  /// @param options empty when no mail server is configured: then each attempt fails and says so
  /// @param host how this machine introduces itself
  MailChannel(
      String address, Optional<Mail> options, String host, SSLContext tls, Redactor redactor) {
    this.address = address;
    this.options = options;
    this.host = HOST_NAME.matcher(host).matches() ? host : "localhost";
    this.tls = tls;
    this.redactor = redactor;
    options.flatMap(Mail::password).ifPresent(redactor::learn);
  }

  @Override
  public String id() {
    return "email:" + address;
  }

  @Override
  public void send(Announcement announcement, Instant now) throws DeliveryFailed {
    Mail mail =
        options.orElseThrow(
            () -> new DeliveryFailed(Message.message("no mail server is configured")));
    if (mail.security() == MailSecurity.NONE) {
      checkIsThisMachine(mail.host());
    }
    Session session = Session.getInstance(properties(mail));
    try {
      MimeMessage message = message(session, mail, announcement, now);
      try (Transport transport = session.getTransport("smtp")) {
        transport.connect(
            mail.host(),
            mail.port(),
            mail.user().orElse(null),
            mail.password().map(Secret::reveal).orElse(null));
        transport.sendMessage(message, message.getAllRecipients());
      }
    } catch (MessagingException e) {
      throw new DeliveryFailed(
          Message.message("mail server {0}: {1}", mail.host() + ":" + mail.port(), complaint(e)));
    }
  }

  private static void checkIsThisMachine(String host) throws DeliveryFailed {
    try {
      if (Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress)) {
        return;
      }
    } catch (UnknownHostException e) {
      throw new DeliveryFailed(Message.message("mail server {0}: its name is not known", host));
    }
    throw new DeliveryFailed(
        Message.message(
            "mail server {0}: without TLS only a server on this machine is used", host));
  }

  private Properties properties(Mail mail) {
    Properties properties = new Properties();
    properties.put("mail.transport.protocol", "smtp");
    properties.put("mail.smtp.connectiontimeout", WebCall.CONNECT_LIMIT.toMillis());
    properties.put("mail.smtp.timeout", WebCall.TOTAL_LIMIT.toMillis());
    properties.put("mail.smtp.localhost", host);
    properties.put("mail.smtp.auth", String.valueOf(mail.user().isPresent()));
    // The Message-ID is made of it; else the library asks the name service who we are.
    properties.put("mail.from", mail.from());
    properties.put("mail.smtp.ssl.socketFactory", tls.getSocketFactory());
    properties.put("mail.smtp.ssl.checkserveridentity", "true");
    properties.put("mail.smtp.ssl.protocols", "TLSv1.2 TLSv1.3");
    switch (mail.security()) {
      case TLS -> properties.put("mail.smtp.ssl.enable", "true");
      case STARTTLS -> {
        properties.put("mail.smtp.starttls.enable", "true");
        properties.put("mail.smtp.starttls.required", "true");
      }
      case NONE -> properties.put("mail.smtp.starttls.enable", "false");
    }
    return properties;
  }

  private MimeMessage message(Session session, Mail mail, Announcement announcement, Instant now)
      throws MessagingException {
    MimeMessage message = new MimeMessage(session);
    message.setFrom(new InternetAddress(oneLine(mail.from()), true));
    message.setRecipient(
        jakarta.mail.Message.RecipientType.TO, new InternetAddress(oneLine(address), true));
    message.setSubject(oneLine(announcement.subject()), "UTF-8");
    message.setSentDate(Date.from(now));
    message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: no holiday replies
    message.setText(announcement.body(), "UTF-8");
    message.saveChanges();
    return message;
  }

  /// A line end would begin another header.
  private static String oneLine(String header) {
    return header.replaceAll("\\p{Cntrl}+", " ");
  }

  /// What went wrong and all that led to it; the library hides the server's answer at the end.
  private String complaint(MessagingException failure) {
    List<String> said = new ArrayList<>();
    for (Exception at = failure; at != null && said.size() < 4; ) {
      if (at.getMessage() != null && !said.contains(at.getMessage())) {
        said.add(at.getMessage());
      }
      at = at instanceof MessagingException mail ? mail.getNextException() : null;
    }
    return Excerpt.of(String.join(": ", said), redactor);
  }
}
