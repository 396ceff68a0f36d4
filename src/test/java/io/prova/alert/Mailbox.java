package io.prova.alert;

import io.prova.base.Message;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A recipient in memory, whose server can be taken down.
final class Mailbox implements Channel {

  final List<Announcement> received = new CopyOnWriteArrayList<>();
  private final String id;
  private volatile boolean down;

  Mailbox(String id) {
    this.id = id;
  }

  Mailbox down() {
    down = true;
    return this;
  }

  void up() {
    down = false;
  }

  List<String> subjects() {
    return received.stream().map(Announcement::subject).toList();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public void send(Announcement announcement, Instant now) throws DeliveryFailed {
    if (down) {
      throw new DeliveryFailed(Message.message("{0} is down", id));
    }
    received.add(announcement);
  }

  static Channels channels(List<? extends Channel> team, List<? extends Channel> administrators) {
    Map<String, Channel> all =
        Stream.concat(team.stream(), administrators.stream())
            .collect(Collectors.toMap(Channel::id, channel -> channel, (one, other) -> one));
    return new Channels(all, ids(team), ids(administrators));
  }

  private static Set<String> ids(List<? extends Channel> channels) {
    return channels.stream().map(Channel::id).collect(Collectors.toSet());
  }

  static Incident incident(Audience audience, Instant occurredAt) {
    return new Incident(
        "main/backup/logical",
        "main",
        Severity.ERROR,
        audience,
        Message.message("logical backup failed"),
        occurredAt,
        Optional.of("7f3a"),
        Optional.of(Message.message("pg_dump ended with exit code {0}", 1)),
        Optional.of(Message.message("Is the server running?")),
        List.of("prova check main", "prova backup --logical main"),
        List.of("pg_dump: error: connection refused"));
  }
}
