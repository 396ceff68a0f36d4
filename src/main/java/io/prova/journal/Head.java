package io.prova.journal;

import io.prova.base.Json;
import io.prova.base.Message;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// `journal.head`: which record is the last one. It is replaced after each append, so a crash in
/// between leaves it one record behind; the next append brings it up before it goes on, so it is
/// never two behind, and never ahead.
///
/// @param anchor the record it names; empty when the file cannot be read as a head
record Head(Optional<Anchor> anchor) {

  /// A missing file is the head of a journal without records.
  static Head read(Path file) throws IOException {
    try {
      return new Head(Optional.of(Json.LINE.readValue(Files.readAllBytes(file), Anchor.class)));
    } catch (NoSuchFileException e) {
      return new Head(Optional.of(Anchor.GENESIS));
    } catch (JacksonException e) {
      return new Head(Optional.empty());
    }
  }

  static void write(Path file, Anchor anchor) throws IOException {
    DurableFiles.replace(file, Json.LINE.writeValueAsBytes(anchor));
  }

  /// Whether a journal that ends with `last` has this head, a crash at any moment allowed for.
  boolean fits(Optional<JournalRecord> last) {
    return names(last) || (last.isPresent() && last.map(Head::before).equals(anchor));
  }

  boolean names(Optional<JournalRecord> last) {
    return anchor.equals(Optional.of(last.map(JournalRecord::anchor).orElse(Anchor.GENESIS)));
  }

  private static Anchor before(JournalRecord record) {
    return new Anchor(record.seq() - 1, record.previous());
  }

  Message message() {
    return anchor.map(Anchor::message).orElse(Message.message("an unreadable journal.head"));
  }

  @Override
  public String toString() {
    return message().toString();
  }
}
