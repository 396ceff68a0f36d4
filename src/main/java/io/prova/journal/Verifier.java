package io.prova.journal;

import io.prova.base.Digest;
import io.prova.base.Message;
import io.prova.journal.JournalVerification.Damaged;
import io.prova.journal.JournalVerification.Intact;
import io.prova.journal.LineReader.RawLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One reading of the whole journal, from the first line to the last.
final class Verifier {

  private final Head head;
  private final List<Anchor> anchors;
  private final Map<Long, Set<Digest>> anchored;

  private long line;
  private long recordLine;
  private Optional<JournalRecord> last = Optional.empty();
  private long torn;

  /// Lines since the last record that are none. They are bad unless the next record accounts for
  /// them.
  private final ByteArrayOutputStream loose = new ByteArrayOutputStream();

  private Optional<Damaged> suspect = Optional.empty();

  Verifier(Head head, List<Anchor> anchors) {
    this.head = head;
    this.anchors = anchors;
    this.anchored =
        anchors.stream()
            .collect(
                Collectors.groupingBy(
                    Anchor::seq, Collectors.mapping(Anchor::hash, Collectors.toSet())));
  }

  JournalVerification verify(LineReader lines) throws IOException {
    for (Optional<RawLine> raw = lines.next(); raw.isPresent(); raw = lines.next()) {
      line++;
      Optional<Damaged> bad =
          switch (raw.get().read()) {
            case Line.Flaw flaw -> setAside(raw.get(), flaw);
            case JournalRecord record -> check(record);
          };
      if (bad.isPresent()) {
        return bad.get();
      }
    }
    Optional<Damaged> bad = checkEnd();
    return bad.isPresent()
        ? bad.get()
        : new Intact(lastAnchor().seq(), torn, last.map(JournalRecord::anchor));
  }

  private Optional<Damaged> setAside(RawLine raw, Line.Flaw flaw) {
    if (suspect.isPresent()) {
      loose.write('\n');
    } else {
      suspect = Optional.of(flaw.on(line));
    }
    loose.writeBytes(raw.bytes);
    // An append looks back no further, so no record can account for more.
    return raw.cut || loose.size() > LineReader.LONGEST ? suspect : Optional.empty();
  }

  private Optional<Damaged> check(JournalRecord record) {
    if (record.event().equals(JournalEntry.TORN)) {
      Digest left = Digest.of(loose.toByteArray());
      if (!left.hex().equals(record.details().get("sha256"))) {
        return suspect.isPresent()
            ? suspect
            : bad(
                line,
                Message.message("the torn line that this record accounts for is gone"),
                Message.message("hash {0}", record.details().get("sha256")),
                Message.message("nothing"));
      }
      torn++;
      loose.reset();
      suspect = Optional.empty();
    }
    if (suspect.isPresent()) {
      return suspect;
    }
    Optional<Damaged> bad = checkPlace(record);
    last = Optional.of(record);
    recordLine = line;
    return bad;
  }

  private Optional<Damaged> checkPlace(JournalRecord record) {
    Anchor before = lastAnchor();
    if (record.seq() != before.seq() + 1) {
      return bad(
          line,
          Message.message("records are missing, doubled or out of order"),
          Message.message("record {0}", before.seq() + 1),
          Message.message("record {0}", record.seq()));
    }
    if (!record.previous().equals(before.hash())) {
      // The record itself is sound, so it is the one before that is not what it was.
      return bad(
          Math.max(recordLine, 1),
          Message.message("the record was rewritten: the next one follows another"),
          Message.message("hash {0}", record.previous()),
          Message.message("hash {0}", before.hash()));
    }
    for (Digest hash : anchored.getOrDefault(record.seq(), Set.of())) {
      if (!hash.equals(record.hash())) {
        return bad(
            line,
            Message.message("the record is not the one that an anchor names"),
            Message.message("hash {0}", hash),
            Message.message("hash {0}", record.hash()));
      }
    }
    if (record.event().equals(JournalEntry.DAMAGED)) {
      return bad(
          line,
          Message.message("records before this one were lost or changed, as it says itself"),
          Message.message("the end at {0}", record.details().get("expected")),
          Message.message("the end at {0}", record.details().get("found")));
    }
    return Optional.empty();
  }

  private Optional<Damaged> checkEnd() {
    long next = suspect.map(Damaged::line).orElse(line + 1);
    Anchor end = lastAnchor();
    Optional<Anchor> beyond =
        Stream.concat(head.anchor().stream(), anchors.stream())
            .filter(anchor -> anchor.seq() > end.seq())
            .max(Comparator.comparingLong(Anchor::seq));
    if (beyond.isPresent()) {
      return bad(
          next,
          Message.message("records are lost from the end"),
          Message.message("the end at {0} or later", beyond.get().message()),
          Message.message("the end at {0}", end.message()));
    }
    if (suspect.isPresent()) {
      return suspect;
    }
    if (!head.fits(last)) {
      return bad(
          Math.max(recordLine, 1),
          Message.message("journal.head does not name the last record"),
          Message.message("the name of {0}", end.message()),
          Message.message("the name of {0}", head.message()));
    }
    return Optional.empty();
  }

  private Anchor lastAnchor() {
    return last.map(JournalRecord::anchor).orElse(Anchor.GENESIS);
  }

  private static Optional<Damaged> bad(
      long line, Message problem, Message expected, Message found) {
    return Optional.of(new Damaged(line, problem, expected, found));
  }
}
