package io.prova.base;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Knows the secrets in use and takes them out of text that others wrote (a tool's error output, a
/// server's message) before it reaches a log, the journal or an alert. The last line of defence,
/// not the first.
public final class Redactor {

  /// Shorter ones would blank out ordinary words.
  private static final int SHORTEST_SECRET = 4;

  private final Set<String> secrets = ConcurrentHashMap.newKeySet();

  public void learn(Secret secret) {
    if (secret.reveal().length() >= SHORTEST_SECRET) {
      secrets.add(secret.reveal());
    }
  }

  public String redact(String text) {
    String clean = text;
    for (String secret : secrets) {
      clean = clean.replace(secret, "***");
    }
    return clean;
  }
}
