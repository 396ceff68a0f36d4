package io.prova.base;

import static io.prova.base.Message.message;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StoredTextTest {

  private static String inPortuguese(Message written) {
    return message("{0}", new StoredText(written.toString())).in(Language.PORTUGUESE);
  }

  @Test
  void whatWasWrittenDownInEnglishIsSpokenInPortuguese() {
    Message written =
        message(
            "{0} has {1} {1|row|rows}, the backup before it had {2}",
            message("database {0}", "loja"), 1, 250_000L);

    assertThat(inPortuguese(written))
        .isEqualTo("banco de dados loja tem 1 linha, contra 250.000 no backup anterior");
  }

  @Test
  void sizesAreShownAsTheLanguageShowsThem() {
    Message written =
        message(
            "{0} takes {1}, the backup before it took {2}",
            message("the cluster"), new ByteCount(519_200), new ByteCount(10_700_000));

    assertThat(inPortuguese(written))
        .isEqualTo("o cluster ocupa 507,0 KiB, contra 10,2 MiB no backup anterior");
  }

  @Test
  void aSentenceInsideASentenceIsSpokenToo() {
    Message written =
        message(
            "no fingerprint could be taken, so this backup cannot be proven: {0}",
            message("larger than fingerprint.largest_table"));

    assertThat(inPortuguese(written))
        .isEqualTo(
            "não foi possível tirar a impressão digital, por isso este backup não pode ser comprovado: maior que fingerprint.largest_table");
  }

  @Test
  void whatIsNoTextOfOursStaysAsItIs() {
    String foreign = "ERROR:  relation \"a {0} b\" does not exist";

    assertThat(message("{0}", new StoredText(foreign)).in(Language.PORTUGUESE)).isEqualTo(foreign);
  }

  @Test
  void aThingIsNamedAndWhatIsSaidOfItIsSpoken() {
    assertThat(inPortuguese(message("{0}: {1}", "data/base/1", message("missing"))))
        .isEqualTo("data/base/1: ausente");
  }

  @Test
  void englishStaysWordForWord() {
    String english = "loja has 1 row, the backup before it had 250,000";

    assertThat(message("{0}", new StoredText(english)).in(Language.ENGLISH)).isEqualTo(english);
  }
}
