package io.prova.retention;

import io.prova.base.Message;
import io.prova.catalog.Listing;
import io.prova.catalog.TrashNote;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What goes, what stays, and why.
///
/// @param decisions for every backup, oldest first
/// @param purges what leaves the trash for good
/// @param holds why nothing goes at all; as long as there is any, `decisions` keep everything and
///   `purges` is empty
public record RetentionPlan(List<Decision> decisions, List<TrashNote> purges, List<Message> holds) {

  /// @param reasons why it is kept; empty when it goes
  /// @param until when the last rule that knows a day lets it go; empty where only other rules keep
  ///   it
  public record Decision(Listing.Entry entry, List<Message> reasons, Optional<Instant> until) {

    public boolean isKept() {
      return !reasons.isEmpty();
    }
  }

  public List<Decision> leaving() {
    return decisions.stream().filter(decision -> !decision.isKept()).toList();
  }

  public List<Decision> kept() {
    return decisions.stream().filter(Decision::isKept).toList();
  }
}
