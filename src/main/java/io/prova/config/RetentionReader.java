package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.catalog.BackupKind;
import io.prova.retention.RetentionPolicy;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/// Reads the key `retention`: rules for both kinds of backup, and for each kind its own.
final class RetentionReader {

  private static final ValueType<Integer> COUNT = ValueType.number(0, 36_500);
  private static final ValueType<Duration> UNDO =
      ValueType.duration(Duration.ZERO, Duration.ofDays(366));

  private final Section common;

  RetentionReader(Section common) {
    this.common = common;
  }

  Map<BackupKind, RetentionPolicy> read() {
    Map<BackupKind, RetentionPolicy> policies = new EnumMap<>(BackupKind.class);
    for (BackupKind kind : BackupKind.values()) {
      policies.put(kind, policy(common.section(kind.name().toLowerCase(Locale.ROOT))));
    }
    return policies;
  }

  private RetentionPolicy policy(Section own) {
    RetentionPolicy defaults = RetentionPolicy.DEFAULTS;
    int keepDays = own.value("keep_days", COUNT, common, defaults.keepDays());
    int keepLast = own.value("keep_last", COUNT, common, defaults.keepLast());
    int daily = own.value("daily", COUNT, common, defaults.daily());
    int weekly = own.value("weekly", COUNT, common, defaults.weekly());
    int monthly = own.value("monthly", COUNT, common, defaults.monthly());
    int yearly = own.value("yearly", COUNT, common, defaults.yearly());
    Duration undoWindow = own.value("undo_window", UNDO, common, defaults.undoWindow());
    if (IntStream.of(keepDays, keepLast, daily, weekly, monthly, yearly).sum() == 0) {
      (own.keys().isEmpty() ? common : own)
          .problem(message("keeps nothing; at least one rule must be above 0"));
      return defaults;
    }
    return new RetentionPolicy(keepDays, keepLast, daily, weekly, monthly, yearly, undoWindow);
  }
}
