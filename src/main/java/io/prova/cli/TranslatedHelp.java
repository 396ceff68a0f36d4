package io.prova.cli;

import io.prova.base.Language;
import io.prova.base.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The help texts in another language: picocli asks a resource bundle by keys, which are made here
/// from the English texts in the annotations, so that help is translated in the same place as every
/// other sentence.
final class TranslatedHelp {

  private TranslatedHelp() {}

  static void apply(CommandLine root, Language language) {
    if (language == Language.ENGLISH) {
      return;
    }
    translate(root, language);
  }

  private static void translate(CommandLine command, Language language) {
    CommandSpec spec = command.getCommandSpec();
    Map<String, String> texts = new HashMap<>();
    put(texts, "usage.description", spec.usageMessage().description(), language);
    put(texts, "usage.footer", spec.usageMessage().footer(), language);
    texts.put("usage.synopsisHeading", translate("Usage: ", language));
    texts.put("usage.commandListHeading", translate("Commands:\n", language));
    for (OptionSpec option : spec.options()) {
      String name = option.longestName().replaceFirst("^-+", "");
      put(texts, name, option.description(), language);
    }
    int index = 0;
    for (PositionalParamSpec positional : spec.positionalParameters()) {
      put(texts, positional.paramLabel() + "[" + index + "]", positional.description(), language);
      put(
          texts,
          positional.paramLabel() + "[" + positional.index() + "]",
          positional.description(),
          language);
      index++;
    }
    spec.resourceBundle(new Texts(texts));
    command.getSubcommands().values().forEach(sub -> translate(sub, language));
  }

  /// picocli asks for the lines of a text one by one: `key.0`, `key.1`, …
  private static void put(
      Map<String, String> texts, String key, String[] english, Language language) {
    for (int i = 0; i < english.length; i++) {
      texts.put(key + "." + i, translate(english[i], language));
    }
  }

  private static String translate(String english, Language language) {
    return new Message(english, List.of()).in(language);
  }

  /// Every text that help shows, for the test that holds the translations together.
  static List<String> texts(CommandLine command) {
    List<String> texts = new ArrayList<>();
    CommandSpec spec = command.getCommandSpec();
    Collections.addAll(texts, spec.usageMessage().description());
    Collections.addAll(texts, spec.usageMessage().footer());
    for (ArgSpec argument : spec.args()) {
      Collections.addAll(texts, argument.description());
    }
    command.getSubcommands().values().forEach(sub -> texts.addAll(texts(sub)));
    return texts;
  }

  private static final class Texts extends ResourceBundle {

    private final Map<String, String> texts;

    Texts(Map<String, String> texts) {
      this.texts = texts;
    }

    @Override
    protected @Nullable Object handleGetObject(String key) {
      return texts.get(key);
    }

    @Override
    public Enumeration<String> getKeys() {
      return Collections.enumeration(texts.keySet());
    }
  }
}
