package io.prova.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A file of translations as its editors see it: with its order, its doubles and its empty places.
///
/// @param head the comments at the top, the glossary
record PoFile(String head, List<Entry> entries) {

  static final Path PORTUGUESE = Path.of("src/main/resources/io/prova/pt.po");

  record Entry(String english, String translation) {}

  /// @throws java.nio.charset.CharacterCodingException if it is not UTF-8
  static PoFile read(Path file) throws IOException {
    String text =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
            .toString();
    StringBuilder head = new StringBuilder();
    List<Entry> entries = new ArrayList<>();
    String english = "";
    boolean inHead = true;
    for (String line : text.split("\n", -1)) {
      inHead &= !line.startsWith("#:") && !line.startsWith("msgid");
      if (inHead) {
        head.append(line).append('\n');
      } else if (line.startsWith("msgid ")) {
        english = unquoted(line.substring("msgid ".length()));
      } else if (line.startsWith("msgstr ")) {
        entries.add(new Entry(english, unquoted(line.substring("msgstr ".length()))));
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        throw new IllegalArgumentException(
            file + ": each msgid and msgstr is one line, found: " + line);
      }
    }
    return new PoFile(head.toString().stripTrailing(), List.copyOf(entries));
  }

  static String format(String english, String translation) {
    return "msgid " + quoted(english) + "\nmsgstr " + quoted(translation) + "\n";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  private static String unquoted(String quoted) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < quoted.length() - 1; i++) {
      char c = quoted.charAt(i);
      if (c == '\\') {
        i++;
        c = quoted.charAt(i) == 'n' ? '\n' : quoted.charAt(i);
      }
      text.append(c);
    }
    return text.toString();
  }
}
