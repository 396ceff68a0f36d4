package io.prova.journal;

import io.prova.base.Json;
import io.prova.base.Redactor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a caller wants to have recorded; the journal adds number, time, author and chain.
///
/// @param operation the id that all records of one run of a command share
/// @param event [#START], [#END], [#NOTE] or a word of the caller's
/// @param command what was run, such as `backup`
/// @param details any values that JSON can hold; long texts are cut, secrets taken out
public record JournalEntry(
    String operation,
    String event,
    String command,
    Optional<String> cluster,
    Map<String, Object> details) {

  public static final String START = "start";
  public static final String END = "end";
  public static final String NOTE = "note";

  /// Written by the journal itself: the bytes before this record are what a crash left of one.
  static final String TORN = "torn";

  /// Written by the journal itself: at this point it found records lost or changed.
  static final String DAMAGED = "damaged";

  static final Set<String> RESERVED = Set.of(TORN, DAMAGED);

  private static final int LONGEST_TEXT = 4000;

  public JournalEntry {
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details)); // keeps the order
  }

  /// The same with secrets taken out of the details, and long texts cut.
  JournalEntry cleaned(Redactor redactor) {
    Map<String, Object> cleaned = new LinkedHashMap<>();
    Json.LINE
        .valueToTree(details)
        .properties()
        .forEach(each -> cleaned.put(each.getKey(), clean(each.getValue(), redactor)));
    return new JournalEntry(operation, event, command, cluster, cleaned);
  }

  private static JsonNode clean(JsonNode value, Redactor redactor) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (value.isString()) {
      // First the secrets: a cut could leave the half of one.
      String redacted = redactor.redact(value.stringValue());
      return nodes.stringNode(
          redacted.length() <= LONGEST_TEXT ? redacted : redacted.substring(0, LONGEST_TEXT) + "…");
    }
    if (value.isArray()) {
      ArrayNode array = nodes.arrayNode();
      value.values().forEach(each -> array.add(clean(each, redactor)));
      return array;
    }
    if (value.isObject()) {
      ObjectNode object = nodes.objectNode();
      value
          .properties()
          .forEach(each -> object.set(each.getKey(), clean(each.getValue(), redactor)));
      return object;
    }
    return value;
  }
}
