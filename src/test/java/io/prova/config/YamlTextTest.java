package io.prova.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prova.base.OperationFailed;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTextTest {

  private static void parse(String yaml) {
    YamlText.parse(yaml.getBytes(StandardCharsets.UTF_8), "prova.yaml");
  }

  private static void assertProblem(String yaml, String problem) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(OperationFailed.class)
        .hasMessage("prova.yaml:" + problem)
        .hasNoCause();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '~',
      value = {
        "include: [*]        => 1:11: a value that begins with \"*\" must stand in quotes",
        "include: *          => 1:10: a value that begins with \"*\" must stand in quotes",
        "include: *all       => 1:10: a value that begins with \"*\" must stand in quotes",
        "include: [**]       => 1:11: a value that begins with \"*\" must stand in quotes",
        "s: */5 * * * *      => 1:4: a value that begins with \"*\" must stand in quotes",
        "password: !abc def  => 1:11: a value that begins with \"!\" must stand in quotes",
        "password: !         => 1:11: a value that begins with \"!\" must stand in quotes",
        "password: &abc def  => 1:11: a value that begins with \"&\" must stand in quotes",
        "password: &         => 1:11: a value that begins with \"&\" must stand in quotes",
        "password: @abc      => 1:11: a value that begins with \"@\" must stand in quotes",
        "password: `abc      => 1:11: a value that begins with \"`\" must stand in quotes",
        "password: %abc      => 1:11: a value that begins with \"%\" must stand in quotes",
        "password: |abc      => 1:11: a value that begins with \"|\" or \">\" must stand in quotes",
        "password: >abc      => 1:11: a value that begins with \"|\" or \">\" must stand in quotes",
        "%abc: 1             => 1:1: a value that begins with \"%\" must stand in quotes",
        "a: b: c             => 1:5: a \": \" inside a value without quotes, or a wrong indentation",
        "a: \"b               => 1:4: a quote that is opened here is not closed",
        "a: 'b               => 1:4: a quote that is opened here is not closed",
        "a: [b, c            => 1:4: a bracket that is opened here is not closed",
        "a: {b: c            => 1:4: a bracket that is opened here is not closed",
        "a: {b: c]           => 1:4: a bracket that is opened here is not closed",
        "a: \"C:\\qrs\"        => 1:4: a \"\\\" in double quotes is written twice; in single quotes it is itself",
        "a: ]                => 1:4: not valid YAML",
        "a: - b              => 1:4: not valid YAML",
      })
  void aSlipInYamlIsToldInWords(String yaml, String problem) {
    assertProblem(yaml, problem);
  }

  @Test
  void aSlipOverSeveralLinesIsToldWhereItIs() {
    assertProblem("a: 1\n\tb: 2\n", "2:1: a tab; lines are indented with blanks");
    assertProblem("a: 1\nb\nc: 2\n", "2:1: a key without a \":\" after it");
    assertProblem("a:\n    b: 2\n  c: 3\n", "3:3: indented unlike the lines around it");
    assertProblem(
        "a: 1\n  b: 2\n", "2:4: a \": \" inside a value without quotes, or a wrong indentation");
  }

  @Test
  void thereIsOneDocument() {
    assertProblem("a: 1\n---\nb: 2\n", "2:1: a second document begins; one is all there can be");
    assertThat(YamlText.parse("---\na: 1\n...\n".getBytes(StandardCharsets.UTF_8), "p"))
        .isPresent();
  }

  @Test
  void aBombOfAliasesDoesNotGoOff() {
    assertProblem(
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "1:4: a value that begins with \"&\" must stand in quotes");
  }

  @Test
  void depthHasABound() {
    assertProblem("a: " + "[".repeat(500_000), "1:23: nested deeper than 20 levels");
    StringBuilder staircase = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      staircase.append(" ".repeat(i)).append("a:\n");
    }
    assertProblem(staircase.toString(), "21:21: nested deeper than 20 levels");
  }

  @Test
  void sizeHasABound() {
    assertThatThrownBy(() -> YamlText.parse(new byte[YamlText.MAX_BYTES + 1], "prova.yaml"))
        .hasMessage("prova.yaml is larger than 1 MiB");
  }

  @Test
  void theTextIsUtf8() {
    byte[] latin1 = "a: 1\nb: S\u00e3o\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> YamlText.parse(latin1, "prova.yaml"))
        .hasMessage("prova.yaml:2: not UTF-8 text");
    byte[] utf16 = "a: 1".getBytes(StandardCharsets.UTF_16);
    assertThatThrownBy(() -> YamlText.parse(utf16, "prova.yaml"))
        .hasMessage("prova.yaml:1: not UTF-8 text");
  }

  @Test
  void anEmojiMayStandAnywhere() {
    for (int length = 1; length < 5_000; length++) {
      parse("#" + "x".repeat(length) + "\uD83D\uDE00 good\na: 1\n");
    }
  }

  @Test
  void controlCharactersAreNotText() {
    assertProblem("a: 1\nb: x\u0007y\n", "2: a control character that no text file should hold");
    assertProblem("a: 1\n\u0000", "2: a control character that no text file should hold");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only a comment\n", "---\n", "\uFEFF"})
  void nothingIsNoMistake(String yaml) {
    parse(yaml);
  }
}
