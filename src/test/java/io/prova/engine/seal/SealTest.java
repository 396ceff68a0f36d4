package io.prova.engine.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.testing.Seeded;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is sealed comes out as it was, for those it is for, or not at all.
class SealTest {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Random random = Seeded.random(SealTest.class);
  private final Identity host = Identity.generate(RANDOM);
  private final Identity escrowed = Identity.generate(RANDOM);
  private final Seal seal = new Seal(List.of(host.recipient(), escrowed.recipient()), RANDOM);

  private byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    return content;
  }

  private static byte[] open(byte[] sealed, Identity... identities) throws Exception {
    return Seal.open("thing.age", sealed, List.of(identities));
  }

  private void assertRefused(byte[] damaged, String how) {
    assertThatThrownBy(() -> open(damaged, host))
        .as(how)
        .isInstanceOf(BadSealException.class)
        .hasMessageStartingWith("thing.age: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 131_072, 3_000_000})
  void everyRecipientOpensItAndNobodyElse(int bytes) throws Exception {
    byte[] content = content(bytes);
    byte[] sealed = seal.seal(content);
    assertThat(open(sealed, host)).isEqualTo(content);
    assertThat(open(sealed, escrowed)).isEqualTo(content);
    Identity stranger = Identity.generate(RANDOM);
    assertThat(open(sealed, stranger, escrowed)).isEqualTo(content);
    assertThatThrownBy(() -> open(sealed, stranger))
        .hasMessage("thing.age: none of the keys given opens it");
  }

  @Test
  void manyMayRead() throws Exception {
    List<Identity> many = Stream.generate(() -> Identity.generate(RANDOM)).limit(60).toList();
    byte[] content = content(1000);
    byte[] sealed = new Seal(many.stream().map(Identity::recipient).toList(), RANDOM).seal(content);
    assertThat(open(sealed, many.getLast())).isEqualTo(content);
  }

  @Test
  void howAStreamIsCutMakesNoDifference() throws Exception {
    byte[] content = content(2_200_000);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Sealer sealer =
        seal.over(part -> {
          byte[] bytes = new byte[part.remaining()];
          part.get(bytes);
          out.writeBytes(bytes);
        });
    for (int at = 0; at < content.length; ) {
      int count = Math.min(content.length - at, random.nextInt(300_000));
      ByteBuffer direct = ByteBuffer.allocateDirect(count);
      sealer.write(direct.put(content, at, count).flip());
      at += count;
    }
    sealer.finish();
    assertThat(open(out.toByteArray(), host)).isEqualTo(content);
  }

  @Test
  void everyFlippedBitIsNoticed() {
    byte[] sealed = seal.seal(content(100));
    for (int bit = 0; bit < 8 * sealed.length; bit++) {
      byte[] damaged = sealed.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertRefused(damaged, "bit " + bit);
    }
  }

  @Test
  void everyCutIsNoticed() {
    byte[] small = seal.seal(content(100));
    for (int length = 0; length < small.length; length++) {
      assertRefused(Arrays.copyOf(small, length), "cut to " + length);
    }
    byte[] large = seal.seal(content(5 * Chunks.CLEAR));
    int payload = large.length - 5 * Chunks.SEALED;
    for (int chunks = 0; chunks < 5; chunks++) {
      int at = payload + chunks * Chunks.SEALED;
      for (int length : new int[] {at - 1, at, at + 1, at + Derived.TAG}) {
        assertRefused(Arrays.copyOf(large, length), "cut to " + length);
      }
    }
    assertRefused(Arrays.copyOf(large, large.length + 1), "a byte more");
    assertRefused(Arrays.copyOf(large, large.length + Derived.TAG), "an empty chunk more");
    assertRefused(Arrays.copyOf(large, large.length + Chunks.SEALED), "a chunk more");
  }

  @Test
  void chunksThatChangedPlacesAreNoticed() {
    byte[] sealed = seal.seal(content(4 * Chunks.CLEAR));
    int payload = sealed.length - 4 * Chunks.SEALED;
    for (int a = 0; a < 4; a++) {
      for (int b = 0; b < a; b++) {
        byte[] swapped = sealed.clone();
        System.arraycopy(
            sealed,
            payload + a * Chunks.SEALED,
            swapped,
            payload + b * Chunks.SEALED,
            Chunks.SEALED);
        System.arraycopy(
            sealed,
            payload + b * Chunks.SEALED,
            swapped,
            payload + a * Chunks.SEALED,
            Chunks.SEALED);
        assertRefused(swapped, "chunks " + a + " and " + b);
      }
    }
  }

  @Test
  void aPayloadBehindAnothersHeaderIsNoticed() {
    byte[] one = seal.seal(content(1000));
    byte[] other = seal.seal(content(1000));
    int payload = one.length - 1000 - Derived.TAG - 16;
    byte[] mixed = one.clone();
    System.arraycopy(other, payload, mixed, payload, other.length - payload);
    assertRefused(mixed, "another's payload");
  }

  @Test
  void twoSealsOfTheSameHaveNothingInCommon() {
    byte[] content = new byte[1000];
    byte[] one = seal.seal(content);
    byte[] other = seal.seal(content);
    int payload = one.length - 1000;
    assertThat(Arrays.copyOfRange(one, payload, one.length))
        .isNotEqualTo(Arrays.copyOfRange(other, payload, other.length));
  }

  @Test
  void keysAreWrittenAndReadAndASlipIsNoticed() {
    String recipient = host.recipient().toString();
    assertThat(recipient).startsWith("age1").hasSize(62);
    assertThat(Recipient.parse(recipient)).isEqualTo(host.recipient());
    assertThat(Identity.parse(host.reveal()).recipient()).isEqualTo(host.recipient());
    assertThat(host.toString()).doesNotContain("AGE-SECRET-KEY");
    for (int at = 0; at < recipient.length(); at++) {
      char wrong = recipient.charAt(at) == 'q' ? 'p' : 'q';
      String slip = recipient.substring(0, at) + wrong + recipient.substring(at + 1);
      assertThatThrownBy(() -> Recipient.parse(slip)).isInstanceOf(IllegalArgumentException.class);
    }
    for (String no :
        List.of(
            "",
            "age1",
            host.reveal(),
            recipient.toUpperCase(java.util.Locale.ROOT),
            "ssh-ed25519 AAAA")) {
      assertThatThrownBy(() -> Recipient.parse(no)).isInstanceOf(IllegalArgumentException.class);
    }
    // With these points everybody would have the same shared secret.
    assertThatThrownBy(() -> Recipient.parse(Bech32.encode("age", new byte[32])))
        .hasMessageContaining("keeps no secret");
  }

  @Test
  void aKeyFileHoldsKeysAndSaysWhichLineIsNone() {
    String text = KeyFile.write(host, Instant.parse("2026-11-25T12:00:00.5Z"));
    assertThat(text)
        .isEqualTo(
            "# created: 2026-11-25T12:00:00Z\n# public key: "
                + host.recipient()
                + "\n"
                + host.reveal()
                + "\n");
    assertThat(KeyFile.read(text + "\n" + escrowed.reveal()))
        .extracting(Identity::recipient)
        .containsExactly(host.recipient(), escrowed.recipient());
    assertThatThrownBy(() -> KeyFile.read(text + "# \n" + host.reveal().substring(3)))
        .hasMessageContaining("line 5: ")
        .hasMessageNotContaining(host.reveal().substring(20, 30));
    assertThatThrownBy(() -> KeyFile.read("# nothing\n")).hasMessage("no key is in it");
  }
}
