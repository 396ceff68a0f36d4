package io.prova.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A PostgreSQL version of two parts, `15.18`, as servers and client programs have it since 10.
public record ServerVersion(int major, int minor) implements Comparable<ServerVersion> {

  public static final int OLDEST_SUPPORTED_MAJOR = 14;

  /// The newest whose files, and what a backup leaves out of them, were looked at.
  public static final int NEWEST_KNOWN_MAJOR = 18;

  private static final Pattern IN_TEXT =
      Pattern.compile("\\b(\\d{2,})(?:\\.(\\d+)|(?:devel|beta\\d+|rc\\d+))");

  /// The minors below which client programs have known holes or write damaged backups: parallel
  /// pg_dump on a standby, pg_basebackup of a torn pg_control (both November 2026), and code
  /// execution in pg_restore and psql (CVE-2026-116314, CVE-2026-116330, CVE-2026-18408). Source:
  /// PostgreSQL's release notes.
  private static final Map<Integer, Integer> SAFE_MINOR =
      Map.of(14, 25, 15, 20, 16, 16, 17, 12, 18, 7);

  /// From `server_version_num`, such as 150018.
  public static ServerVersion ofNumber(int number) {
    return new ServerVersion(number / 10000, number % 10000);
  }

  /// Finds the version in what a program prints: `pg_dump (PostgreSQL) 15.18 (Debian …)`.
  public static Optional<ServerVersion> find(String text) {
    Matcher matcher = IN_TEXT.matcher(text);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String minor = matcher.group(2);
    return Optional.of(
        new ServerVersion(
            Integer.parseInt(matcher.group(1)), minor == null ? 0 : Integer.parseInt(minor)));
  }

  @JsonCreator
  public static ServerVersion parse(String text) {
    return find(text)
        .orElseThrow(() -> new IllegalArgumentException("not a PostgreSQL version: " + text));
  }

  /// The oldest minor of this major without known holes in its client programs.
  public Optional<ServerVersion> safeMinor() {
    return Optional.ofNullable(SAFE_MINOR.get(major)).map(safe -> new ServerVersion(major, safe));
  }

  public boolean isBelowSafeMinor() {
    return safeMinor().filter(safe -> minor < safe.minor).isPresent();
  }

  @Override
  public int compareTo(ServerVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @JsonValue
  @Override
  public String toString() {
    return major + "." + minor;
  }
}
