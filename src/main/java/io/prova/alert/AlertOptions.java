package io.prova.alert;

import io.prova.base.Language;
import io.prova.base.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who is told, and how.
///
/// @param team the backup team: failed backups, missing backups
/// @param administrators failed recoveries and drills, and what the team left unmended
/// @param mail how e-mail is sent; needed when any recipient has an address
/// @param ping URLs called after each success, by job (`logical`, `physical`, `drill`): a monitor
///   elsewhere rings when they stop
/// @param grace how late a backup may be before it counts as missing
/// @param escalateAfter how long a missing backup is the team's affair before the administrators
///   hear of it
/// @param language of the messages; empty for that of whoever runs Prova, which for a daemon is
///   often none
public record AlertOptions(
    Recipients team,
    Recipients administrators,
    Optional<Mail> mail,
    Map<String, URI> ping,
    Duration grace,
    Duration escalateAfter,
    Optional<Language> language) {

  /// @param commands each a program with its arguments, run without a shell
  public record Recipients(List<String> email, List<URI> webhooks, List<List<String>> commands) {

    public static final Recipients NONE = new Recipients(List.of(), List.of(), List.of());

    public boolean isEmpty() {
      return email.isEmpty() && webhooks.isEmpty() && commands.isEmpty();
    }
  }

  public enum MailSecurity {
    /// TLS from the first byte.
    TLS,
    /// Plain at first, then TLS or nothing.
    STARTTLS,
    /// No TLS at all: only for a relay on this machine.
    NONE
  }

  public record Mail(
      String host,
      int port,
      MailSecurity security,
      Optional<String> user,
      Optional<Secret> password,
      String from) {}

  public static final AlertOptions DEFAULTS =
      new AlertOptions(
          Recipients.NONE,
          Recipients.NONE,
          Optional.empty(),
          Map.of(),
          Duration.ofHours(2),
          Duration.ofHours(12),
          Optional.empty());
}
