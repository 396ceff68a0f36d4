package io.prova.drill;

import io.prova.base.ByteCount;
import io.prova.base.Digest;
import io.prova.base.Durations;
import io.prova.base.Language;
import io.prova.base.Message;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Label;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.ProofRecord;
import io.prova.catalog.Repository;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Stores a drill's evidence: JSON for machines, a page to print in each language, and the proof
/// that follows.
public final class EvidenceFiles {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private EvidenceFiles() {}

  /// Where it was put.
  public record Stored(Path json, Path english, Path portuguese) {}

  public static Stored store(Repository repository, Evidence evidence, ZoneId zone)
      throws IOException {
    Path directory = repository.catalog().evidenceDirectory(evidence.backup().label());
    String name = STAMP.format(evidence.finished());
    Path json = directory.resolve(name + ".json");
    Path english = directory.resolve(name + ".en.html");
    Path portuguese = directory.resolve(name + ".pt-BR.html");
    // The pages have no digest of their own; the JSON binds theirs, and its own.
    Map<String, Digest> pages = new TreeMap<>();
    put(english, EvidenceReport.html(evidence, Language.ENGLISH, zone), pages);
    put(portuguese, EvidenceReport.html(evidence, Language.PORTUGUESE, zone), pages);
    DurableFiles.putIfAbsent(json, CheckedJson.write(EvidenceJson.of(evidence, pages)));
    // The proof is last: it refers to the evidence.
    Optional<ProofRecord> proof = proof(evidence, repository.root().relativize(json).toString());
    if (proof.isPresent()) {
      repository.catalog().addProof(proof.get());
    }
    return new Stored(json, english, portuguese);
  }

  private static void put(Path file, String text, Map<String, Digest> pages) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    DurableFiles.putIfAbsent(file, content);
    pages.put(file.getFileName().toString(), Digest.of(content));
  }

  /// What could not be tested says nothing about the backup, so it is no proof, neither for nor
  /// against.
  private static Optional<ProofRecord> proof(Evidence evidence, String file) {
    Optional<ProofLevel> reached =
        switch (evidence.verdict()) {
          case PROVEN -> Optional.of(ProofLevel.PROVEN);
          case STARTED -> Optional.of(ProofLevel.STARTED);
          case FAILED, NOT_TESTED -> Optional.empty();
        };
    if (evidence.verdict() == Verdict.NOT_TESTED) {
      return Optional.empty();
    }
    return Optional.of(
        new ProofRecord(
            CheckedJson.FORMAT,
            evidence.backup().label(),
            evidence.backup().id(),
            evidence.finished(),
            evidence.operation(),
            ProofRecord.DRILL,
            reached,
            evidence.verdict() == Verdict.FAILED
                ? evidence.reasons().stream().map(Message::toString).toList()
                : List.of(),
            Optional.of(file)));
  }

  /// The evidence as it stands in its file; see docs/format.md.
  ///
  /// @param pages the SHA-256 of the pages beside it, by file name
  record EvidenceJson(
      int format,
      Verdict verdict,
      List<Message> reasons,
      Label label,
      String backupId,
      BackupKind kind,
      String cluster,
      Instant consistentAt,
      ByteCount stored,
      String serverVersion,
      String scratchServerVersion,
      String operation,
      String who,
      String host,
      String provaVersion,
      Instant started,
      Instant finished,
      double restoreSeconds,
      double dataAgeSeconds,
      List<PhaseJson> phases,
      List<Message> isolation,
      List<DrillCheck> checks,
      Map<String, Digest> pages) {

    record PhaseJson(Message name, double seconds) {}

    static EvidenceJson of(Evidence evidence, Map<String, Digest> pages) {
      return new EvidenceJson(
          CheckedJson.FORMAT,
          evidence.verdict(),
          evidence.reasons(),
          evidence.backup().label(),
          evidence.backup().id(),
          evidence.backup().kind(),
          evidence.backup().cluster(),
          evidence.backup().consistentAt(),
          evidence.backup().stored(),
          evidence.backup().server().version().toString(),
          evidence.scratchVersion(),
          evidence.operation(),
          evidence.who(),
          evidence.host(),
          evidence.provaVersion(),
          evidence.started(),
          evidence.finished(),
          Durations.seconds(evidence.restoreTime()),
          Durations.seconds(evidence.dataAge()),
          evidence.phases().stream()
              .map(phase -> new PhaseJson(phase.name(), Durations.seconds(phase.took())))
              .toList(),
          evidence.isolation(),
          evidence.checks(),
          pages);
    }
  }
}
