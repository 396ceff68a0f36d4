package io.prova.engine.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.testing.Seeded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What we seal, `age` opens, and the other way round.
class AgeOracleTest {

  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir private Path directory;
  private Path hostKey;
  private Path escrowKey;
  private Identity host;
  private Identity escrowed;

  @BeforeEach
  void keysOfBothMakes() throws Exception {
    AgeProgram.assumeInstalled();
    hostKey = directory.resolve("host.key");
    AgeProgram.run(0, "age-keygen", "-o", hostKey.toString());
    host = KeyFile.read(Files.readString(hostKey)).getFirst();
    escrowed = Identity.generate(RANDOM);
    escrowKey = directory.resolve("escrow.key");
    Files.writeString(escrowKey, KeyFile.write(escrowed, Instant.EPOCH));
  }

  @Test
  void theKeysAreTheSame() throws Exception {
    assertThat(Files.readString(hostKey)).contains("# public key: " + host.recipient() + "\n");
    assertThat(AgeProgram.run(0, "age-keygen", "-y", escrowKey.toString()))
        .isEqualTo(escrowed.recipient() + "\n");
  }

  private byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    Seeded.random(AgeOracleTest.class).nextBytes(content);
    return content;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 5 * 1024 * 1024 + 3})
  void ageOpensWhatWeSeal(int bytes) throws Exception {
    byte[] content = content(bytes);
    Path sealed = directory.resolve("sealed");
    Files.write(
        sealed, new Seal(List.of(host.recipient(), escrowed.recipient()), RANDOM).seal(content));
    for (Path key : List.of(hostKey, escrowKey)) {
      Path clear = directory.resolve("clear-" + key.getFileName());
      AgeProgram.decrypt(key, sealed, clear);
      assertThat(Files.readAllBytes(clear)).isEqualTo(content);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 5 * 1024 * 1024 + 3})
  void weOpenWhatAgeSeals(int bytes) throws Exception {
    byte[] content = content(bytes);
    Path clear = directory.resolve("clear");
    Path sealed = directory.resolve("sealed");
    Files.write(clear, content);
    AgeProgram.run(
        0,
        "age",
        "-r",
        host.recipient().toString(),
        "-r",
        escrowed.recipient().toString(),
        "-o",
        sealed.toString(),
        clear.toString());
    byte[] stored = Files.readAllBytes(sealed);
    assertThat(Seal.open("x", stored, List.of(host))).isEqualTo(content);
    assertThat(Seal.open("x", stored, List.of(escrowed))).isEqualTo(content);
  }

  /// Where age refuses, we do: its own judgement of cuts at the chunks' ends.
  @Test
  void bothRefuseACutAtAChunksEnd() throws Exception {
    byte[] whole = new Seal(List.of(host.recipient()), RANDOM).seal(content(3 * Chunks.CLEAR));
    for (int chunks = 0; chunks < 3; chunks++) {
      byte[] cut = Arrays.copyOf(whole, whole.length - (3 - chunks) * Chunks.SEALED);
      Path file = directory.resolve("cut" + chunks);
      Files.write(file, cut);
      AgeProgram.run(1, "age", "-d", "-i", hostKey.toString(), "-o", "/dev/null", file.toString());
      assertThatThrownBy(() -> Seal.open("x", cut, List.of(host)))
          .isInstanceOf(BadSealException.class);
    }
  }
}
