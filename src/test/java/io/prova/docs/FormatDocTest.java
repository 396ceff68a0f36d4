package io.prova.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.base.Redactor;
import io.prova.catalog.Acceptance;
import io.prova.catalog.AdoptedSystem;
import io.prova.catalog.Backup;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Pin;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.ProofRecord;
import io.prova.catalog.RepositoryMarker;
import io.prova.catalog.TrashNote;
import io.prova.journal.Anchor;
import io.prova.journal.Author;
import io.prova.journal.Journal;
import io.prova.journal.JournalRecord;
import io.prova.journal.JournalVerification;
import io.prova.postgres.fingerprint.Fingerprint;
import io.prova.postgres.fingerprint.StoredFingerprint;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// docs/format.md is normative: its examples are what the product's readers take, and it names
/// every field that they know.
class FormatDocTest {

  private static final Path PAGE = Path.of("docs/format.md");
  private static final Pattern EXAMPLE =
      Pattern.compile("<!-- example: (\\S+) -->\n```json\n(.*?)```\n", Pattern.DOTALL);

  /// Everything that is stored as it stands in a record.
  private static final List<Class<? extends Record>> STORED =
      List.of(
          RepositoryMarker.class,
          AdoptedSystem.class,
          Backup.class,
          Backup.Server.class,
          Backup.Logical.class,
          Backup.DumpedDatabase.class,
          Backup.Physical.class,
          Backup.StoredTablespace.class,
          Backup.ConfigFile.class,
          Backup.ConfigDirectory.class,
          StoredFingerprint.class,
          Fingerprint.class,
          Fingerprint.Table.class,
          Fingerprint.Sequence.class,
          Fingerprint.LargeObjects.class,
          ProofRecord.class,
          Pin.class,
          Acceptance.class,
          TrashNote.class,
          Anchor.class,
          JournalRecord.class);

  @TempDir private Path repository;
  private String page;
  private final Map<String, Path> examples = new LinkedHashMap<>();

  @BeforeEach
  void writeTheExamplesAsFiles() throws IOException {
    page = Files.readString(PAGE);
    Matcher matcher = EXAMPLE.matcher(page);
    while (matcher.find()) {
      Path file = repository.resolve(matcher.group(1));
      Files.createDirectories(file.getParent());
      Files.writeString(file, matcher.group(2));
      examples.put(matcher.group(1), file);
    }
    assertThat(examples).hasSizeGreaterThan(10);
  }

  private <T> T read(String example, Class<T> type) throws IOException {
    return CheckedJson.read(examples.get(example), type);
  }

  @Test
  void theExampleOfAMarkerAndOfAnAdoptedClusterAreReadAsWritten() throws IOException {
    RepositoryMarker marker = read("repository.json", RepositoryMarker.class);
    assertThat(marker.labelZone()).hasToString("America/Sao_Paulo");
    AdoptedSystem adopted = read("systems/7711939428348790001.json", AdoptedSystem.class);
    assertThat(adopted.systemIdentifier()).hasToString("7711939428348790001");
  }

  @Test
  void theExamplesOfBackupsAreReadAsWritten() throws IOException {
    Backup logical = read("logicos/2026-11-22_02-00/backup.json", Backup.class);
    assertThat(logical.label()).hasToString("2026-11-22_02-00");
    assertThat(logical.database("projeto_pratico_1")).isPresent();
    Backup physical = read("fisicos/2026-11-22_03-00/backup.json", Backup.class);
    assertThat(physical.physical().orElseThrow().stopLsn()).hasToString("0/5000100");
    assertThat(List.of(logical.repository(), physical.repository()))
        .containsOnly(read("repository.json", RepositoryMarker.class).id());
  }

  @Test
  void theExampleOfAFingerprintIsReadAsWritten() throws IOException {
    StoredFingerprint stored =
        read(
            "logicos/2026-11-22_02-00/projeto_pratico_1.fingerprint.json", StoredFingerprint.class);
    assertThat(stored.hash()).isEqualTo(StoredFingerprint.HASH);
    assertThat(stored.fingerprint().tables())
        .extracting(table -> table.name().toString())
        .containsExactly("vendas.eventos_2026", "vendas.pedidos");
    assertThat(stored.fingerprint().tables().getFirst().digest().orElseThrow()).isNegative();
  }

  @Test
  void theExamplesOfNotesAreReadAsWrittenAndSpeakOfTheExamplesOfBackups() throws IOException {
    Backup logical = read("logicos/2026-11-22_02-00/backup.json", Backup.class);
    Backup physical = read("fisicos/2026-11-22_03-00/backup.json", Backup.class);
    ProofRecord proof =
        read("proofs/2026-11-22_02-00/20261122T060138.399Z-drill.json", ProofRecord.class);
    assertThat(proof.reached()).contains(ProofLevel.PROVEN);
    assertThat(
            List.of(
                proof.backupId(),
                read("pins/2026-11-22_02-00.json", Pin.class).backupId(),
                read("accepted/2026-11-22_02-00.json", Acceptance.class).backupId()))
        .containsOnly(logical.id());
    assertThat(read("trash/fisicos/2026-11-22_03-00.json", TrashNote.class).backupId())
        .isEqualTo(physical.id());
    assertThat(examples).containsKey(proof.evidence().orElseThrow());
  }

  @Test
  void theExampleOfEvidenceIsWholeAndSpeaksOfTheExampleOfABackup() throws IOException {
    JsonNode evidence = read("drills/2026-11-22_02-00/20261122T060138.399Z.json", JsonNode.class);
    assertThat(evidence.path("verdict").asString()).isEqualTo("proven");
    assertThat(evidence.path("backup_id").asString())
        .isEqualTo(read("logicos/2026-11-22_02-00/backup.json", Backup.class).id());
  }

  @Test
  void theExampleOfAJournalIsIntactAndHoldsTheAnchorOfTheExampleOfABackup() throws Exception {
    Anchor anchor =
        read("logicos/2026-11-22_02-00/backup.json", Backup.class).journal().orElseThrow();
    Journal journal =
        Journal.open(
            repository.resolve("journal"),
            new Author("nobody", "nowhere"),
            InstantSource.system(),
            new Redactor());
    assertThat(journal.verify(List.of(anchor))).isInstanceOf(JournalVerification.Intact.class);
  }

  @Test
  void theDigestIsThatOfEverythingAboveItsLine() throws IOException {
    String text = Files.readString(examples.get("repository.json"));
    String above = text.substring(0, text.indexOf("  \"digest\""));
    assertThat(text)
        .isEqualTo(
            above
                + "  \"digest\": \""
                + Digest.of(above.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                + "\"\n}\n");
  }

  @Test
  void everyFieldThatIsStoredIsNamed() {
    TreeSet<String> unnamed = new TreeSet<>();
    for (Class<? extends Record> type : STORED) {
      for (RecordComponent component : type.getRecordComponents()) {
        String name = snakeCase(component.getName());
        if (!isNamed(name)) {
          unnamed.add(type.getSimpleName() + "." + name);
        }
      }
    }
    assertThat(unnamed).isEmpty();
  }

  @Test
  void everyFieldOfAnExampleIsNamed() throws IOException {
    TreeSet<String> unnamed = new TreeSet<>();
    for (String example : List.of("drills/2026-11-22_02-00/20261122T060138.399Z.json")) {
      Json.LINE
          .readTree(Files.readAllBytes(examples.get(example)))
          .propertyNames()
          .forEach(name -> {
            if (!isNamed(name)) {
              unnamed.add(name);
            }
          });
    }
    assertThat(unnamed).isEmpty();
  }

  private boolean isNamed(String name) {
    return Pattern.compile("[`.]" + name + "[`.\\[]").matcher(page).find();
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
  }
}
