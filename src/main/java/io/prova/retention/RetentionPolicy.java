package io.prova.retention;

import java.time.Duration;

/// How long backups of one kind are kept. A backup goes when no rule keeps it.
///
/// @param keepDays every backup for so many days; 0 keeps none by age
/// @param keepLast the newest so many
/// @param daily the newest backup of each of the last so many days that have one
/// @param weekly likewise for weeks (ISO 8601, from Monday)
/// @param monthly likewise for months
/// @param yearly likewise for years
/// @param undoWindow how long what was let go stays in the trash
public record RetentionPolicy(
    int keepDays,
    int keepLast,
    int daily,
    int weekly,
    int monthly,
    int yearly,
    Duration undoWindow) {

  /// The plan: 30 days.
  public static final RetentionPolicy DEFAULTS =
      new RetentionPolicy(30, 0, 0, 0, 0, 0, Duration.ofDays(3));

  public RetentionPolicy {
    if (keepDays < 0
        || keepLast < 0
        || daily < 0
        || weekly < 0
        || monthly < 0
        || yearly < 0
        || undoWindow.isNegative()) {
      throw new IllegalArgumentException("a retention rule is negative");
    }
    if (keepDays + keepLast + daily + weekly + monthly + yearly == 0) {
      throw new IllegalArgumentException("the retention policy keeps nothing");
    }
  }
}
