package io.prova.cli;

import static io.prova.base.Message.message;

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
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.IParamLabelRenderer;
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
    texts.put("usage.synopsisHeading", message("Usage: ").in(language));
    texts.put("usage.commandListHeading", message("Commands:\n").in(language));
    texts.put(
        "usage.synopsisSubcommandLabel",
        translate(spec.usageMessage().synopsisSubcommandLabel(), language));
    for (OptionSpec option : spec.options()) {
      String key =
          option.descriptionKey().isEmpty()
              ? option.longestName().replaceFirst("^-+", "")
              : option.descriptionKey();
      put(texts, key, option.description(), language);
    }
    for (PositionalParamSpec positional : spec.positionalParameters()) {
      String key = positional.paramLabel() + "[" + positional.index() + "]";
      put(texts, key, positional.description(), language);
    }
    spec.resourceBundle(new Texts(texts));
    command.setHelpFactory((shown, colours) ->
        new Help(shown, colours) {
          @Override
          public IParamLabelRenderer parameterLabelRenderer() {
            return new TranslatedLabels(super.parameterLabelRenderer(), colours, language);
          }
        });
    command.getSubcommands().values().forEach(sub -> translate(sub, language));
  }

  /// Lines are found by a key that ends with their number.
  private static void put(
      Map<String, String> texts, String key, String[] english, Language language) {
    for (int i = 0; i < english.length; i++) {
      texts.put(key + "." + i, translate(english[i], language));
    }
  }

  private static String translate(String english, Language language) {
    return new Message(english, List.of()).in(language);
  }

  /// What a value is called, in the synopsis and in the list of options.
  static String label(ArgSpec argument, Language language) {
    return translate(argument.paramLabel(), language);
  }

  /// `FILE` in the user's language, with whatever picocli writes around it.
  private record TranslatedLabels(
      IParamLabelRenderer english, Help.ColorScheme colours, Language language)
      implements IParamLabelRenderer {

    @Override
    public Text renderParameterLabel(ArgSpec argument, Ansi ansi, List<IStyle> styles) {
      String text = english.renderParameterLabel(argument, ansi, styles).plainString();
      return colours.apply(text.replace(argument.paramLabel(), label(argument, language)), styles);
    }

    @Override
    public String separator() {
      return english.separator();
    }
  }

  /// A text of the help and the source file that holds it.
  record Shown(String text, String file) {}

  /// Every text that help shows, for the test that holds the translations together.
  static List<Shown> texts(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    List<String> texts = new ArrayList<>();
    Collections.addAll(texts, spec.usageMessage().description());
    Collections.addAll(texts, spec.usageMessage().footer());
    if (!command.getSubcommands().isEmpty()) {
      texts.add(spec.usageMessage().synopsisSubcommandLabel());
    }
    for (ArgSpec argument : spec.args()) {
      Collections.addAll(texts, argument.description());
      if (argument.arity().max() > 0) {
        texts.add(argument.paramLabel());
      }
    }
    String file = "cli/" + outermost(spec.userObject().getClass()).getSimpleName() + ".java";
    List<Shown> shown = new ArrayList<>();
    texts.forEach(text -> shown.add(new Shown(text, file)));
    command.getSubcommands().values().forEach(sub -> shown.addAll(texts(sub)));
    return shown;
  }

  private static Class<?> outermost(Class<?> type) {
    Class<?> outer = type;
    while (outer.getEnclosingClass() != null) {
      outer = outer.getEnclosingClass();
    }
    return outer;
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
