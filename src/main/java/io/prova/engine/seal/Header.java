package io.prova.engine.seal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;

/// The text at the beginning of an age file: the file key, wrapped for each recipient, and a MAC of
/// all that.
///
/// ```
/// age-encryption.org/v1
/// -> X25519 <the ephemeral point, 43 characters of base64>
/// <the wrapped file key, 43 characters>
/// --- <HMAC of all above, "---" included, 43 characters>
/// ```
final class Header {

  /// Enough for hundreds of recipients; whatever goes on longer is no header of anybody's.
  static final int MOST_BYTES = 64 * 1024;

  static final int FILE_KEY = 16;

  private static final String VERSION = "age-encryption.org/v1";
  private static final String OTHER_VERSION = "age-encryption.org/";
  private static final String X25519 = "X25519";
  private static final int COLUMNS = 64;

  /// How a recipient gets the file key.
  private static final class Stanza {
    final List<String> arguments;
    final byte[] body;

    Stanza(List<String> arguments, byte[] body) {
      this.arguments = arguments;
      this.body = body;
    }
  }

  private final int bytes;
  private final byte[] signed;
  private final List<Stanza> stanzas;
  private final byte[] mac;

  /// @param bytes how long it is
  /// @param signed the part that the MAC is of
  private Header(int bytes, byte[] signed, List<Stanza> stanzas, byte[] mac) {
    this.bytes = bytes;
    this.signed = signed;
    this.stanzas = stanzas;
    this.mac = mac;
  }

  /// How long it is.
  int bytes() {
    return bytes;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] write(byte[] fileKey, List<Recipient> recipients, SecureRandom random) {
    StringBuilder text = new StringBuilder(VERSION).append('\n');
    for (Recipient recipient : recipients) {
      byte[] secret = new byte[Curve.BYTES];
      random.nextBytes(secret);
      byte[] share = Curve.pointOf(secret);
      byte[] point = recipient.point();
      try {
        SecretKey key = Derived.wrapKey(Curve.multiply(secret, point), join(share, point));
        byte[] wrapped = Derived.wrapOnce(Cipher.ENCRYPT_MODE, key, fileKey);
        text.append("-> X25519 ").append(base64(share)).append('\n');
        text.append(base64(wrapped)).append('\n');
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("nothing can be sealed for " + recipient, e);
      }
    }
    byte[] signed = text.append("---").toString().getBytes(StandardCharsets.US_ASCII);
    String end = " " + base64(Derived.headerMac(fileKey, signed)) + "\n";
    return join(signed, end.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /// @param object its name, for errors
  /// @param begin of the object, whole or not
  /// @return empty if the header goes on behind `begin`
  /// @throws BadSealException if it is no header
  static Optional<Header> read(String object, byte[] begin) throws BadSealException {
    Lines lines = new Lines(object, begin);
    Optional<String> version = lines.next();
    if (version.isEmpty()) {
      return Optional.empty();
    }
    if (!version.get().equals(VERSION)) {
      throw new BadSealException(
          object,
          version.get().startsWith(OTHER_VERSION)
              ? "is sealed in a version of age that this program does not know"
              : "is not sealed in the age format");
    }
    List<Stanza> stanzas = new ArrayList<>();
    while (true) {
      int signedTo = lines.at + 3;
      Optional<String> line = lines.next();
      if (line.isEmpty()) {
        return Optional.empty();
      }
      if (line.get().startsWith("--- ")) {
        byte[] mac = lines.base64(line.get().substring(4));
        if (mac.length != 32 || stanzas.isEmpty()) {
          throw bad(object);
        }
        return Optional.of(
            new Header(lines.at, Arrays.copyOf(begin, signedTo), List.copyOf(stanzas), mac));
      }
      if (!line.get().matches("->( [!-~]+)+")) {
        throw bad(object);
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      String part;
      do {
        Optional<String> next = lines.next();
        if (next.isEmpty()) {
          return Optional.empty();
        }
        part = next.get();
        if (part.length() > COLUMNS) {
          throw bad(object);
        }
        body.writeBytes(lines.base64(part));
      } while (part.length() == COLUMNS);
      stanzas.add(new Stanza(List.of(line.get().substring(3).split(" ", -1)), body.toByteArray()));
    }
  }

  private static BadSealException bad(String object) {
    return new BadSealException(object, "its age header is damaged");
  }

  /// The lines of a text that may be cut off.
  private static final class Lines {

    private final String object;
    private final byte[] text;
    private int at;

    Lines(String object, byte[] text) {
      this.object = object;
      this.text = text;
    }

    /// @return empty if the line does not end here
    Optional<String> next() throws BadSealException {
      for (int end = at; end < text.length; end++) {
        if (text[end] == '\n') {
          String line = new String(text, at, end - at, StandardCharsets.ISO_8859_1);
          at = end + 1;
          return Optional.of(line);
        }
      }
      if (text.length >= MOST_BYTES) {
        throw bad(object);
      }
      return Optional.empty();
    }

    /// Only as it is written: without padding, unused bits zero.
    byte[] base64(String part) throws BadSealException {
      try {
        byte[] bytes = Base64.getDecoder().decode(part);
        if (Header.base64(bytes).equals(part)) {
          return bytes;
        }
      } catch (IllegalArgumentException e) {
        // told below
      }
      throw bad(object);
    }
  }

  /// The file key, by the first identity that has it; the header has then proven to be as written.
  byte[] open(String object, List<Identity> identities) throws BadSealException {
    for (Stanza stanza : stanzas) {
      if (!stanza.arguments.getFirst().equals(X25519)) {
        continue;
      }
      byte[] share = share(object, stanza);
      for (Identity identity : identities) {
        Optional<byte[]> fileKey = unwrap(object, stanza, share, identity);
        if (fileKey.isPresent()) {
          if (!MessageDigest.isEqual(mac, Derived.headerMac(fileKey.get(), signed))) {
            throw bad(object);
          }
          return fileKey.get();
        }
      }
    }
    throw new BadSealException(object, "none of the keys given opens it");
  }

  private static byte[] share(String object, Stanza stanza) throws BadSealException {
    if (stanza.arguments.size() != 2 || stanza.body.length != FILE_KEY + Derived.TAG) {
      throw bad(object);
    }
    byte[] share;
    try {
      share = Base64.getDecoder().decode(stanza.arguments.get(1));
    } catch (IllegalArgumentException e) {
      throw bad(object);
    }
    if (share.length != Curve.BYTES || !base64(share).equals(stanza.arguments.get(1))) {
      throw bad(object);
    }
    return share;
  }

  /// @return empty if the stanza is for somebody else
  private static Optional<byte[]> unwrap(
      String object, Stanza stanza, byte[] share, Identity identity) throws BadSealException {
    try {
      byte[] shared = Curve.multiply(identity.secret(), share);
      SecretKey key = Derived.wrapKey(shared, join(share, identity.recipient().point()));
      return Optional.of(Derived.wrapOnce(Cipher.DECRYPT_MODE, key, stanza.body));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (InvalidKeyException e) {
      throw bad(object);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
