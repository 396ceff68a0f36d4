package io.prova.retention;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.catalog.Backup;
import io.prova.catalog.BackupKind;
import io.prova.catalog.CheckedJson;
import io.prova.catalog.Listing;
import io.prova.catalog.Listing.Entry;
import io.prova.catalog.Pin;
import io.prova.catalog.Proof;
import io.prova.catalog.ProofLevel;
import io.prova.catalog.TrashNote;
import io.prova.testing.BackupBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Histories of backups as the years may bring them: both kinds, tests that pass and fail, pins,
/// clocks that jump, hours that come twice, several in one minute, entries that cannot be read.
final class RandomHistory {

  private static final List<ZoneId> ZONES =
      List.of(
          ZoneId.of("UTC"),
          ZoneId.of("America/Sao_Paulo"),
          ZoneId.of("America/New_York"),
          ZoneId.of("Australia/Lord_Howe"),
          ZoneId.of("Pacific/Apia"),
          ZoneId.of("Asia/Kathmandu"));

  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  private RandomHistory() {}

  record History(RetentionPlanner.Facts facts) {

    Listing listing() {
      return facts.listing();
    }

    History with(List<Entry> entries) {
      return with(new Listing(entries, facts.listing().doubts()));
    }

    History with(Listing other) {
      return new History(
          new RetentionPlanner.Facts(
              other,
              facts.trash(),
              facts.trashWithoutNote(),
              facts.now(),
              facts.zone(),
              facts.serverClockAhead()));
    }

    /// Whether anything at all speaks against removing.
    boolean isInDoubt() {
      Instant latest = facts.now().plus(TOLERANCE);
      return !listing().doubts().isEmpty()
          || listing().entries().stream()
              .anyMatch(entry -> !entry.backup().anomalies().isEmpty() && !entry.accepted())
          || listing().entries().stream()
              .anyMatch(entry -> !entry.accepted() && entry.backup().finished().isAfter(latest))
          || facts.trash().stream().anyMatch(note -> note.trashedAt().isAfter(latest))
          || !facts.trashWithoutNote().isEmpty()
          || facts.serverClockAhead().isEmpty()
          || facts.serverClockAhead().get().abs().compareTo(TOLERANCE) > 0;
    }

    @Override
    public String toString() {
      StringBuilder text =
          new StringBuilder(
              "now " + facts.now() + " " + facts.zone() + " " + facts.serverClockAhead());
      for (Entry entry : listing().entries()) {
        Backup backup = entry.backup();
        text.append("\n  ")
            .append(backup.sequence())
            .append(" ")
            .append(backup.kind())
            .append(" ")
            .append(backup.label())
            .append(" ")
            .append(entry.proof().level())
            .append(entry.proof().damaged() ? " damaged" : "")
            .append(entry.pin().isPresent() ? " pinned" : "")
            .append(entry.accepted() ? " accepted" : "")
            .append(" ")
            .append(backup.anomalies());
      }
      return text.append("\n  doubts ").append(listing().doubts()).toString();
    }
  }

  static History make(Random random) {
    ZoneId zone = ZONES.get(random.nextInt(ZONES.size()));
    // Within these years every one of the zones jumps.
    Instant now = Instant.parse("2009-01-01T00:00:00Z").plusSeconds(random.nextInt(400_000_000));
    boolean calm = random.nextInt(3) > 0;
    Instant clock = now;
    List<Entry> newestFirst = new ArrayList<>();
    int count = random.nextInt(30);
    for (int i = 0; i < count; i++) {
      clock = clock.minus(pause(random));
      if (!calm && random.nextInt(25) == 0) {
        clock = jump(clock, random);
      }
      newestFirst.add(entry(clock, zone, count - i, calm, random));
    }
    List<Message> doubts =
        calm || random.nextInt(15) > 0 ? List.of() : List.of(message("an unreadable entry"));
    return new History(
        new RetentionPlanner.Facts(
            new Listing(List.copyOf(newestFirst.reversed()), doubts),
            trash(now, calm, random),
            calm || random.nextInt(20) > 0 ? List.of() : List.of(Path.of("trash/logicos/x")),
            now,
            zone,
            serverClock(calm, random)));
  }

  private static Duration pause(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> Duration.ZERO; // two in the same minute
      case 1 -> Duration.ofMinutes(random.nextInt(180)); // both in an hour that comes twice
      case 2 -> Duration.ofDays(random.nextInt(90));
      default -> Duration.ofDays(1);
    };
  }

  private static Instant jump(Instant clock, Random random) {
    Period years = Period.ofYears(random.nextBoolean() ? -1 : 10);
    return clock.atOffset(ZoneOffset.UTC).plus(years).toInstant();
  }

  private static Entry entry(
      Instant started, ZoneId zone, long sequence, boolean calm, Random random) {
    BackupBuilder backup =
        BackupBuilder.backup()
            .kind(random.nextInt(4) == 0 ? BackupKind.PHYSICAL : BackupKind.LOGICAL)
            .started(started)
            .zone(zone)
            .sequence(sequence);
    boolean accepted = random.nextInt(6) == 0;
    if (random.nextInt(40) == 0 && (accepted || !calm)) {
      backup.anomalies("shop has 3 rows, the backup before it had 3000");
    }
    Backup built = backup.build();
    Optional<Pin> pin =
        random.nextInt(20) > 0
            ? Optional.empty()
            : Optional.of(
                new Pin(CheckedJson.FORMAT, built.label(), built.id(), started, "ana", "audit"));
    return new Entry(built, proof(random), pin, accepted);
  }

  /// Most were verified; a proof may be damaged later, or lost.
  static Proof proof(Random random) {
    ProofLevel level =
        switch (random.nextInt(8)) {
          case 0 -> ProofLevel.STORED;
          case 1 -> ProofLevel.STARTED;
          case 2 -> ProofLevel.PROVEN;
          default -> ProofLevel.VERIFIED;
        };
    return new Proof(
        level, random.nextInt(8) == 0, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static List<TrashNote> trash(Instant now, boolean calm, Random random) {
    List<TrashNote> notes = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      Backup gone = BackupBuilder.backup().sequence(1000 + i).build();
      boolean future = !calm && random.nextInt(15) == 0;
      notes.add(
          new TrashNote(
              CheckedJson.FORMAT,
              random.nextBoolean() ? BackupKind.LOGICAL : BackupKind.PHYSICAL,
              gone.label(),
              gone.id(),
              future ? now.plus(Duration.ofDays(365)) : now.minusSeconds(random.nextInt(900_000)),
              "test",
              "no retention rule keeps it"));
    }
    notes.sort(Comparator.comparing(TrashNote::trashedAt));
    return List.copyOf(notes);
  }

  private static Optional<Duration> serverClock(boolean calm, Random random) {
    if (calm || random.nextInt(10) > 1) {
      return Optional.of(Duration.ofSeconds(random.nextInt(601) - 300));
    }
    return random.nextBoolean()
        ? Optional.empty()
        : Optional.of(Duration.ofDays(random.nextBoolean() ? -365 : 3650));
  }
}
