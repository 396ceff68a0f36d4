package io.prova.journal;

import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.base.Message;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How a record stands on its line:
///
/// ```
/// {"seq":7,"time":"…Z","previous":"<64 hex>", … ,"details":{…},"hash":"<64 hex>"}
/// |<----------------- hashed, as bytes ------------------------>|<-- 75 bytes -->|
/// ```
///
/// `previous` is the `hash` of the record before. A line's own hash tells *which* line was changed;
/// the chain tells that none was taken out, put in, moved, or rewritten together with its hash.
/// Because raw bytes are hashed, fields of later versions are protected like all others.
final class JournalLine {

  /// Bytes, without the line end. A record is some hundred bytes; this leaves room for long errors.
  static final int LONGEST = 256 * 1024;

  /// Bytes in UTF-8 of one `char`.
  private static final int LONGEST_CHARACTER = 3;

  private static final int SEAL_LENGTH = 75;
  private static final Pattern SEAL = Pattern.compile(",\"hash\":\"([0-9a-f]{64})\"}");
  private static final TypeReference<Map<String, Object>> DETAILS = new TypeReference<>() {};

  private JournalLine() {}

  /// The record's line, without line end, and its place in the chain.
  record Sealed(String text, Anchor anchor) {}

  static Sealed seal(Anchor previous, Instant time, Author author, JournalEntry entry) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("seq", previous.seq() + 1);
    line.put("time", time.toString());
    line.put("previous", previous.hash().hex());
    line.put("operation", entry.operation());
    line.put("event", entry.event());
    line.put("command", entry.command());
    line.put("who", author.who());
    line.put("host", author.host());
    entry.cluster().ifPresent(name -> line.put("cluster", name));
    if (!entry.details().isEmpty()) {
      line.set("details", Json.LINE.valueToTree(entry.details()));
    }
    String open = withoutLastBrace(line);
    if (open.length() * LONGEST_CHARACTER + SEAL_LENGTH > LONGEST) {
      // A record must never be lost to its own length.
      line.putObject("details").put("left_out", open.length());
      open = withoutLastBrace(line);
    }
    Digest hash = Digest.of(open.getBytes(StandardCharsets.UTF_8));
    return new Sealed(open + ",\"hash\":\"" + hash + "\"}", new Anchor(previous.seq() + 1, hash));
  }

  private static String withoutLastBrace(ObjectNode line) {
    String text = Json.LINE.writeValueAsString(line);
    return text.substring(0, text.length() - 1);
  }

  /// Reads a line and checks it against its own hash, not yet against its neighbours.
  static Line parse(byte[] line) {
    int end = line.length - SEAL_LENGTH;
    Matcher seal =
        SEAL.matcher(
            new String(
                line,
                Math.max(end, 0),
                line.length - Math.max(end, 0),
                StandardCharsets.ISO_8859_1));
    if (end <= 0 || !seal.matches()) {
      return noRecord(line);
    }
    Digest hash = new Digest(seal.group(1));
    Digest found = Digest.of(Arrays.copyOf(line, end));
    if (!found.equals(hash)) {
      return new Line.Flaw(
          Message.message("the record was changed after it was written"),
          Message.message("hash {0}", hash),
          Message.message("hash {0}", found));
    }
    try {
      JsonNode node = Json.LINE.readTree(line);
      JsonNode details = node.path("details");
      return new JournalRecord(
          node.required("seq").asLong(),
          Instant.parse(node.required("time").asString()),
          new Digest(node.required("previous").asString()),
          node.required("operation").asString(),
          node.required("event").asString(),
          node.required("command").asString(),
          node.required("who").asString(),
          node.required("host").asString(),
          node.optional("cluster").map(JsonNode::asString),
          details.isObject() ? Json.LINE.convertValue(details, DETAILS) : Map.of(),
          hash);
    } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
      return noRecord(line);
    }
  }

  private static Line noRecord(byte[] line) {
    return new Line.Flaw(
        Message.message("the line is not a record of the journal"),
        Message.message("a record that ends with its hash"),
        Message.message("{0} {0|byte|bytes} of something else", line.length));
  }
}
