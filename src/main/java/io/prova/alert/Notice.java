package io.prova.alert;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// An announcement on its way to the recipients it is meant for.
///
/// @param number counts the notices of an alert
/// @param at when it was made
record Notice(long number, Instant at, Announcement announcement, List<Delivery> deliveries) {

  boolean isPending() {
    return deliveries.stream().anyMatch(Delivery::isPending);
  }

  Notice with(String channel, UnaryOperator<Delivery> change) {
    return new Notice(
        number,
        at,
        announcement,
        deliveries.stream()
            .map(each -> each.channel().equals(channel) ? change.apply(each) : each)
            .toList());
  }

  /// Without what is still to be sent to `channels`: a newer notice tells them more.
  Notice supersededOn(Set<String> channels) {
    return new Notice(
        number,
        at,
        announcement,
        deliveries.stream()
            .filter(each -> !each.isPending() || !channels.contains(each.channel()))
            .toList());
  }
}
