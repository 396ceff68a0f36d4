package io.prova.base;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A language in which the product speaks to its users.
public enum Language {
  ENGLISH("en"),
  PORTUGUESE("pt");

  private final String code;

  Language(String code) {
    this.code = code;
  }

  /// `en` or `pt`: the name of the file of translations.
  public String code() {
    return code;
  }

  /// How numbers and dates are written in this language.
  public Locale locale() {
    return this == PORTUGUESE ? Locale.of("pt", "BR") : Locale.ROOT;
  }

  /// The language of a POSIX locale name such as `pt_BR.UTF-8`; English for any other and for none.
  public static Language ofLocaleName(@Nullable String name) {
    return name != null && name.toLowerCase(Locale.ROOT).startsWith("pt") ? PORTUGUESE : ENGLISH;
  }
}
