package io.prova.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.testing.Seeded;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CheckTest {

  @Test
  void theChecksOfPartsGiveTheCheckOfTheWhole() {
    Random random = Seeded.random(CheckTest.class);
    for (int round = 0; round < 300; round++) {
      byte[] whole = new byte[random.nextInt(5000)];
      random.nextBytes(whole);
      Check combined = Check.EMPTY;
      for (int at = 0; at < whole.length; ) {
        int length = 1 + random.nextInt(whole.length - at);
        combined = combined.then(Check.of(ByteBuffer.wrap(whole, at, length)), length);
        at += length;
      }
      assertThat(combined).isEqualTo(Check.of(ByteBuffer.wrap(whole)));
    }
  }

  @Test
  void itIsTheTwoPublishedCodes() {
    // The check values of CRC-32/ISCSI and CRC-32/ISO-HDLC for "123456789".
    assertThat(Check.of(ByteBuffer.wrap("123456789".getBytes(StandardCharsets.US_ASCII))))
        .hasToString("e3069283cbf43926");
    assertThat(Check.parse("e3069283cbf43926")).hasToString("e3069283cbf43926");
  }

  @Test
  void aGigabyteOfOtherBytesBeforeDoesNotOverflow() {
    Check page = Check.of(ByteBuffer.allocate(8192));
    Check byDoubling = page;
    long length = 8192;
    for (; length < 1L << 40; length *= 2) {
      byDoubling = byDoubling.then(byDoubling, length);
    }
    Check again = byDoubling.then(page, 8192);
    assertThat(again).isEqualTo(page.then(byDoubling, length)); // all zeroes, in either order
  }
}
