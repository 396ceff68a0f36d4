package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.Message;
import io.prova.base.OperationFailed;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/// The text of a configuration file as YAML 1.2 nodes, which know their lines.
///
/// Aliases, anchors and tags are refused. No one-page file needs them, they are the stuff of memory
/// bombs, and nearly always they are a value that lacks its quotes: a password that begins with `!`
/// or `&` would silently lose its beginning.
final class YamlText {

  static final int MAX_BYTES = 1 << 20;

  /// The deepest key has six levels; more would only cost stack.
  private static final int MAX_DEPTH = 20;

  private final String name;

  private YamlText(String name) {
    this.name = name;
  }

  /// @param name of the file, as shown in messages
  /// @return empty if nothing is written there, or only comments
  /// @throws OperationFailed naming line and column
  static Optional<Node> parse(byte[] content, String name) {
    return new YamlText(name).parse(content);
  }

  private Optional<Node> parse(byte[] content) {
    if (content.length > MAX_BYTES) {
      throw new OperationFailed(
          Failure.CONFIG,
          message("{0} is larger than 1 MiB", name),
          message("A configuration is a page of text. Is this the right file?"));
    }
    String text = decode(content);
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new JsonSchema())
            .setAllowNonScalarKeys(true)
            // The library (3.0.1) falls over a surrogate pair across the end of its buffer.
            .setBufferSize(text.length() + 1)
            .build();
    try {
      int depth = 0;
      int documents = 0;
      for (Event event : new Parse(settings).parseString(text)) {
        if (event instanceof DocumentStartEvent) {
          documents++;
        }
        depth += depthChange(event);
        refuseSpecials(event, documents, depth);
      }
      return new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      YamlMistake mistake = YamlMistake.of(e);
      throw failed(mistake.at(), mistake.problem());
    } catch (ReaderException e) {
      throw failed(
          lineAt(text, text.indexOf(Character.toString(e.getCodePoint()))),
          message("a control character that no text file should hold"));
    }
  }

  private String decode(byte[] content) {
    ByteBuffer bytes = ByteBuffer.wrap(content);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    try {
      String text = decoder.decode(bytes).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      String before = new String(content, 0, bytes.position(), StandardCharsets.ISO_8859_1);
      throw failed(lineAt(before, before.length()), message("not UTF-8 text"));
    }
  }

  private static int lineAt(String text, int index) {
    return 1 + (int) text.substring(0, Math.max(index, 0)).chars().filter(c -> c == '\n').count();
  }

  private static int depthChange(Event event) {
    return switch (event.getEventId()) {
      case MappingStart, SequenceStart -> 1;
      case MappingEnd, SequenceEnd -> -1;
      default -> 0;
    };
  }

  private void refuseSpecials(Event event, int documents, int depth) {
    if (documents > 1) {
      throw failed(
          event.getStartMark(), message("a second document begins; one is all there can be"));
    }
    if (depth > MAX_DEPTH) {
      throw failed(event.getStartMark(), message("nested deeper than {0} levels", MAX_DEPTH));
    }
    Optional<String> tag =
        switch (event) {
          case ScalarEvent scalar -> scalar.getTag();
          case CollectionStartEvent collection -> collection.getTag();
          default -> Optional.empty();
        };
    if (tag.isPresent()) {
      throw failed(event.getStartMark(), YamlMistake.unquoted('!'));
    }
    if (event instanceof AliasEvent) {
      throw failed(event.getStartMark(), YamlMistake.unquoted('*'));
    }
    if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
      throw failed(event.getStartMark(), YamlMistake.unquoted('&'));
    }
  }

  private OperationFailed failed(Optional<Mark> mark, Message problem) {
    return mark.map(at -> failed(at.getLine() + 1, at.getColumn() + 1, problem))
        .orElseGet(() -> failed(1, problem));
  }

  private OperationFailed failed(int line, int column, Message problem) {
    return failed(name + ":" + line + ":" + column, problem);
  }

  private OperationFailed failed(int line, Message problem) {
    return failed(name + ":" + line, problem);
  }

  private static OperationFailed failed(String place, Message problem) {
    return new OperationFailed(Failure.CONFIG, new Message("{0}: {1}", List.of(place, problem)));
  }
}
