package io.prova.alert;

import io.prova.alert.AlertOptions.Recipients;
import io.prova.base.Redactor;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/// The ways to everyone in the configuration.
///
/// @param byId in the order of the configuration
record Channels(Map<String, Channel> byId, Set<String> team, Set<String> administrators) {

  static Channels of(AlertOptions options, String host, SSLContext tls, Redactor redactor) {
    Map<String, Channel> team = channels(options.team(), options, host, tls, redactor);
    Map<String, Channel> administrators =
        channels(options.administrators(), options, host, tls, redactor);
    Map<String, Channel> all = new LinkedHashMap<>(team);
    all.putAll(administrators);
    return new Channels(all, team.keySet(), administrators.keySet());
  }

  private static Map<String, Channel> channels(
      Recipients recipients, AlertOptions options, String host, SSLContext tls, Redactor redactor) {
    List<Channel> channels = new ArrayList<>();
    for (String address : recipients.email()) {
      channels.add(new MailChannel(address, options.mail(), host, tls, redactor));
    }
    for (URI uri : recipients.webhooks()) {
      channels.add(new WebhookChannel(uri, tls, redactor));
    }
    for (List<String> command : recipients.commands()) {
      channels.add(new CommandChannel(command, redactor));
    }
    Map<String, Channel> byId = new LinkedHashMap<>();
    channels.forEach(channel -> byId.put(channel.id(), channel));
    return byId;
  }

  Optional<Channel> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /// Who is told when `audience` is. An audience without recipients is served by the other: an
  /// alert that nobody gets is worse than one that the wrong people get.
  Set<String> of(Audience audience) {
    Set<String> meant = audience == Audience.TEAM ? team : administrators;
    return meant.isEmpty() ? byId.keySet() : meant;
  }
}
