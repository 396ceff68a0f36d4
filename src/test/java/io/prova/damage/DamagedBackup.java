package io.prova.damage;

import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.catalog.BackupFiles;
import io.prova.catalog.CheckedJson;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A stored backup in the hands of whoever damages it. The files may be hard links to those of the
/// undamaged original, so every change makes a new file.
record DamagedBackup(Path repository, Path directory) {

  Path file(String relative) {
    return directory.resolve(relative);
  }

  String label() {
    return directory.getFileName().toString();
  }

  void flipBit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 0x10;
    write(file, bytes);
  }

  void truncate(Path file, double part) throws IOException {
    cutTo(file, (int) (Files.size(file) * part));
  }

  void cutTo(Path file, int bytes) throws IOException {
    write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), bytes));
  }

  void append(Path file, String text) throws IOException {
    byte[] old = Files.readAllBytes(file);
    byte[] more = text.getBytes(StandardCharsets.UTF_8);
    byte[] all = java.util.Arrays.copyOf(old, old.length + more.length);
    System.arraycopy(more, 0, all, old.length, more.length);
    write(file, all);
  }

  void zeroBlock(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    java.util.Arrays.fill(bytes, 0, Math.min(bytes.length, 4096), (byte) 0);
    write(file, bytes);
  }

  void swap(Path one, Path other) throws IOException {
    byte[] first = Files.readAllBytes(one);
    byte[] second = Files.readAllBytes(other);
    write(one, second);
    write(other, first);
  }

  void delete(Path file) throws IOException {
    DurableFiles.deleteTree(file);
  }

  /// Changes a file's text; fails when nothing changed.
  void edit(Path file, UnaryOperator<String> change) throws IOException {
    String before = Files.readString(file, StandardCharsets.ISO_8859_1);
    String after = change.apply(before);
    if (after.equals(before)) {
      throw new AssertionError("nothing to change in " + file);
    }
    write(file, after.getBytes(StandardCharsets.ISO_8859_1));
  }

  static void write(Path file, byte[] content) throws IOException {
    Files.deleteIfExists(file);
    Files.write(file, content);
  }

  /// Rewrites one of our own objects with a right digest: what somebody does who knows the format.
  static void forge(Path file, Consumer<Map<String, Object>> change) throws IOException {
    Map<String, Object> content = read(file);
    change.accept(content);
    content.remove("digest");
    write(file, CheckedJson.write(content));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> read(Path file) throws IOException {
    return Json.LINE.readValue(Files.readAllBytes(file), LinkedHashMap.class);
  }

  /// Makes all digests of the backup right again, as somebody would who wants the damage unseen.
  void reseal() throws IOException, InterruptedException {
    reseal(backup -> {});
  }

  void reseal(Consumer<Map<String, Object>> change) throws IOException, InterruptedException {
    Path backup = file(BackupFiles.BACKUP);
    Map<String, Object> content = read(backup);
    Files.deleteIfExists(backup);
    Files.deleteIfExists(file(BackupFiles.CHECKSUMS));
    Files.deleteIfExists(file(BackupFiles.LAYOUT));
    BackupFiles.Sealed sealed =
        BackupFiles.seal(directory, path -> java.util.Optional.empty(), (p, d) -> {}, bytes -> {});
    content.put("checksums", sealed.checksums().hex());
    content.put("files", sealed.files());
    content.put("stored", sealed.bytes().bytes());
    change.accept(content);
    content.remove("digest");
    Files.write(backup, CheckedJson.write(content));
  }

  /// The only file below a directory of the repository whose name ends so.
  Path theOnly(String below, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(repository.resolve(below))) {
      return files.filter(file -> file.toString().endsWith(suffix)).findFirst().orElseThrow();
    }
  }

  Digest digest(String relative) throws IOException {
    return BackupFiles.digest(file(relative), bytes -> {});
  }
}
