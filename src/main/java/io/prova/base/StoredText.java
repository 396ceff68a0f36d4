package io.prova.base;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Optional;

/// A sentence that was written down in English (in `backup.json`, a proof, a fingerprint) and is
/// shown to a user now: in the user's language where its text is known, otherwise as it stands.
public record StoredText(@JsonValue String english) {

  public static StoredText of(Optional<String> english) {
    return new StoredText(english.orElse("-"));
  }

  public static List<StoredText> all(List<String> english) {
    return english.stream().map(StoredText::new).toList();
  }

  String in(Language language) {
    return Translations.of(language).respeak(english);
  }

  @Override
  public String toString() {
    return english;
  }
}
