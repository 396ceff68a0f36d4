package io.prova.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every page leads where it says, and pages for users exist in both languages.
class LinksTest {

  private static final Path ROOT = Path.of("").toAbsolutePath();
  private static final Pattern LINK = Pattern.compile("\\[[^\\]\\n]*]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\\n]*`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.*)$");
  private static final String ENGLISH = ".md";
  private static final String PORTUGUESE = ".pt-BR.md";

  private static List<Path> pages() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(page -> page.toString().endsWith(ENGLISH)).toList();
    }
  }

  @Test
  void everyRelativeLinkLeadsToAFileAndToAHeadingInIt() throws IOException {
    Set<String> broken = new TreeSet<>();
    for (Path page : pages()) {
      String text = CODE.matcher(Files.readString(page)).replaceAll("");
      LINK.matcher(text)
          .results()
          .map(link -> link.group(1))
          .filter(link -> !link.contains("://") && !link.startsWith("mailto:"))
          .filter(link -> !leadsSomewhere(page, link))
          .forEach(link -> broken.add(ROOT.relativize(page) + " -> " + link));
    }
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(Path page, String link) {
    String[] parts = link.split("#", 2);
    Path target =
        parts[0].isEmpty()
            ? page
            : page.resolveSibling(URLDecoder.decode(parts[0], StandardCharsets.UTF_8));
    if (!Files.exists(target)) {
      return false;
    }
    return parts.length == 1
        || !target.toString().endsWith(ENGLISH)
        || anchors(target).contains(URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
  }

  /// As GitHub makes them of headings.
  private static Set<String> anchors(Path page) {
    try {
      return HEADING
          .matcher(Files.readString(page))
          .results()
          .map(heading ->
              heading
                  .group(1)
                  .toLowerCase(Locale.ROOT)
                  .replaceAll("[^\\p{L}\\p{N} _-]", "")
                  .strip()
                  .replace(' ', '-'))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyPageForUsersExistsInBothLanguagesWithTheSameSections() throws IOException {
    Set<Path> forUsers = new TreeSet<>();
    forUsers.add(ROOT.resolve("README.md"));
    forUsers.add(ROOT.resolve("docs/configuration.md"));
    for (Path page : pages()) {
      if (page.startsWith(ROOT.resolve("docs/runbooks"))) {
        forUsers.add(Path.of(page.toString().replace(PORTUGUESE, ENGLISH)));
      }
    }
    assertThat(forUsers).hasSizeGreaterThan(10);
    for (Path english : forUsers) {
      Path portuguese = Path.of(english.toString().replaceFirst("\\.md$", PORTUGUESE));
      assertThat(portuguese).exists();
      assertThat(sections(portuguese)).as(portuguese.toString()).isEqualTo(sections(english));
    }
  }

  private static List<Integer> sections(Path page) throws IOException {
    return Pattern.compile("(?m)^(#+) ")
        .matcher(CODE.matcher(Files.readString(page)).replaceAll(""))
        .results()
        .map(heading -> heading.group(1).length())
        .toList();
  }
}
