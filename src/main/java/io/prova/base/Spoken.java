package io.prova.base;

/// An exception whose text can be told in the user's language.
public interface Spoken {
  /// What is wrong: lower case, no full stop.
  Message problem();
}
