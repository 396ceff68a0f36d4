package io.prova.alert;

import io.prova.base.Redactor;

/// What a server or program said, made fit to stand in a message of ours.
final class Excerpt {

  private static final int LONGEST = 300;

  private Excerpt() {}

  /// One line, secrets taken out, not too long.
  static String of(String said, Redactor redactor) {
    // Before the cut, which could leave the half of a secret; and before the spaces, which may be
    // part of one.
    String line = redactor.redact(said).replaceAll("\\s+", " ").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
