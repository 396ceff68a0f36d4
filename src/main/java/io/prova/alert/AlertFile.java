package io.prova.alert;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// What is kept of an alert: itself, and who has still to be told what.
///
/// @param remindedAt when everybody was last told of it, or was to be
/// @param details of the latest incident, as text
/// @param notices the newest, and before it those that someone has still to receive
record AlertFile(
    Alert alert, State state, Instant remindedAt, String details, List<Notice> notices) {

  enum State {
    @JsonProperty("open")
    OPEN,
    /// It works again, which someone has still to hear.
    @JsonProperty("closed")
    CLOSED
  }

  AlertFile {
    // A file of a version that did not remind: then it is time.
    remindedAt = remindedAt == null ? Instant.EPOCH : remindedAt;
    notices = List.copyOf(notices);
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /// Nothing is wrong any more and everyone knows, or never will.
  boolean isDone() {
    return !isOpen() && notices.stream().noneMatch(Notice::isPending);
  }

  /// Whom a notice has still to reach.
  Set<String> pendingChannels() {
    return notices.stream()
        .flatMap(notice -> notice.deliveries().stream())
        .filter(Delivery::isPending)
        .map(Delivery::channel)
        .collect(Collectors.toSet());
  }

  /// The same with one more notice. Whoever has an older one still to receive gets only the newer,
  /// so that a mail server that comes back does not deliver a week of failures at once.
  AlertFile announce(Announcement announcement, Set<String> channels, Instant now) {
    List<Notice> all = new ArrayList<>();
    for (Notice older : notices) {
      Notice left = older.supersededOn(channels);
      if (left.isPending()) {
        all.add(left);
      }
    }
    long number = notices.stream().mapToLong(Notice::number).max().orElse(0) + 1;
    List<Delivery> deliveries =
        channels.stream().map(channel -> Delivery.due(channel, now)).collect(Collectors.toList());
    all.add(new Notice(number, now, announcement, deliveries));
    return new AlertFile(alert, state, remindedAt, details, all);
  }

  /// The same after an attempt to deliver; unchanged when the notice has been superseded meanwhile.
  AlertFile with(long number, String channel, UnaryOperator<Delivery> change) {
    return new AlertFile(
        alert,
        state,
        remindedAt,
        details,
        notices.stream()
            .map(each -> each.number() == number ? each.with(channel, change) : each)
            .toList());
  }
}
