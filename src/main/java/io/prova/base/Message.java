package io.prova.base;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A sentence for the user: an English text with its values, spoken in the user's language at the
/// very end.
///
/// `{0}` stands for the first value, `{0|file|files}` for the word that fits its number. Values
/// that came from outside (names, tool output) cannot forge lines or terminal sequences: control
/// characters are shown escaped. The English text is also the key of its translation in `pt.po`; a
/// test holds the two together.
public record Message(String text, List<Object> values) {

  public Message {
    Objects.requireNonNull(text, "text");
    values = List.copyOf(values);
  }

  /// @param values what the placeholders stand for; a null is shown as `-`
  public static Message message(String text, @Nullable Object... values) {
    Object[] present = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      present[i] = value == null ? "-" : value;
    }
    return new Message(text, List.of(present));
  }

  public String in(Language language) {
    return Template.fill(Translations.of(language).translate(text), values, language);
  }

  /// The English sentence, as it stands in the journal, in logs and in JSON.
  @JsonValue
  @Override
  public String toString() {
    return in(Language.ENGLISH);
  }
}
