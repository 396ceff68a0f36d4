package io.prova.catalog;

import static io.prova.base.Message.message;

import io.prova.base.Digest;
import io.prova.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// JSON objects that carry their own SHA-256: the last member, `digest`, is that of all bytes
/// before its line. Every metadata object of a repository is written so, and read only so. See
/// docs/format.md.
public final class CheckedJson {

  public static final int FORMAT = 1;

  private static final String LAST_LINE = "  \"digest\": \"";
  private static final String END = "\"\n}\n";
  private static final int DIGEST_DIGITS = 64;

  /// The fingerprint of a database with a million tables has a few hundred megabytes.
  private static final long LARGEST_BYTES = 1024L * 1024 * 1024;

  private CheckedJson() {}

  /// @param object becomes a JSON object with at least one member, `format` among them
  public static byte[] write(Object object) {
    String json = Json.PRETTY.writeValueAsString(object);
    String head = json.substring(0, json.lastIndexOf('}')).stripTrailing() + ",\n";
    return (head + LAST_LINE + Digest.of(bytes(head)) + END).getBytes(StandardCharsets.UTF_8);
  }

  /// @throws java.nio.file.NoSuchFileException if `file` is absent
  /// @throws DamagedException if any byte is not as written
  /// @throws UnknownFormatException if a newer program wrote it
  public static <T> T read(Path file, Class<T> type) throws IOException {
    return parse(file, readBounded(file), type);
  }

  /// @param file where `content` is from
  /// @throws DamagedException if any byte is not as written
  /// @throws UnknownFormatException if a newer program wrote it
  static <T> T parse(Path file, byte[] content, Class<T> type) throws IOException {
    checkDigest(file, content);
    try {
      JsonNode node = Json.LINE.readTree(content);
      int format = node.path("format").asInt(0);
      if (format > FORMAT) {
        throw new UnknownFormatException(
            message(
                "{0} was written by a newer version of Prova: it has format {1}, this one knows up to {2}",
                file, format, FORMAT));
      }
      if (format < FORMAT) { // there was none before the first
        throw new DamagedException(
            message("{0} states the format {1}, which never was", file, format));
      }
      return Json.LINE.treeToValue(node, type);
    } catch (JacksonException | IllegalArgumentException e) {
      // Its digest is right, so it was written like this: not by this program.
      throw new DamagedException(
          message("{0} is not a {1}: {2}", file, type.getSimpleName(), e.getMessage()), e);
    }
  }

  /// What stands under that name may be anything: a pipe would never end, a huge file fill the
  /// memory.
  static byte[] readBounded(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    if (!attributes.isRegularFile()) {
      throw new DamagedException(message("{0} is not a file", file));
    }
    if (attributes.size() > LARGEST_BYTES) {
      throw new DamagedException(
          message("{0} has {1} bytes, which is too much", file, attributes.size()));
    }
    return Files.readAllBytes(file);
  }

  private static void checkDigest(Path file, byte[] content) throws DamagedException {
    String text = new String(content, StandardCharsets.UTF_8);
    int tail = text.length() - LAST_LINE.length() - DIGEST_DIGITS - END.length();
    if (tail <= 0 || !text.endsWith(END) || !text.startsWith(LAST_LINE, tail)) {
      throw new DamagedException(message("{0} does not end with its digest", file));
    }
    String stated = text.substring(tail + LAST_LINE.length(), text.length() - END.length());
    int headBytes = content.length - LAST_LINE.length() - DIGEST_DIGITS - END.length();
    java.security.MessageDigest sha256 = Digest.newSha256();
    sha256.update(content, 0, headBytes);
    String found = Digest.of(sha256).hex();
    if (!found.equals(stated)) {
      throw new DamagedException(
          message(
              "{0} is damaged: it states the digest {1}, its content has {2}",
              file, stated, found));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
