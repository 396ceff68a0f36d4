package io.prova.catalog;

import io.prova.base.Message;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The backups of a repository.
///
/// @param entries readable backups, oldest first
/// @param doubts what could not be read, or stands where only backups should: as long as there is
///   any, nothing is deleted
public record Listing(List<Entry> entries, List<Message> doubts) {

  /// A backup with what is known about it.
  ///
  /// @param accepted a person has vouched for its anomalies
  public record Entry(Backup backup, Proof proof, Optional<Pin> pin, boolean accepted) {

    /// Whole, but to be looked at by a person before older backups may go.
    public boolean isSuspicious() {
      return !backup.anomalies().isEmpty() && !accepted;
    }

    public Label label() {
      return backup.label();
    }
  }

  public List<Entry> of(BackupKind kind) {
    return entries.stream().filter(each -> each.backup().kind() == kind).toList();
  }

  public Optional<Entry> newest(BackupKind kind) {
    return of(kind).stream().max(Comparator.comparingLong(each -> each.backup().sequence()));
  }

  /// The newest that does not look wrong, or whose looks a person has accepted.
  public Optional<Entry> newestTrusted(BackupKind kind) {
    return of(kind).stream()
        .filter(entry -> !entry.isSuspicious())
        .max(Comparator.comparingLong(each -> each.backup().sequence()));
  }

  public Optional<Entry> find(Label label) {
    return entries.stream().filter(each -> each.label().equals(label)).findFirst();
  }
}
