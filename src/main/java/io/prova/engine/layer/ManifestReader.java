package io.prova.engine.layer;

import com.github.luben.zstd.ZstdInputStream;
import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.engine.pack.BadObjectException;
import io.prova.engine.pack.UnknownFormatException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// Reads a manifest, line by line. Every line is checked before it is handed out: a path leads
/// nowhere but below the data directory, a layer lies in a pack that was named before, in its
/// bounds. Whether the whole is as it was written is known when [#next] has given the last line.
public final class ManifestReader implements AutoCloseable {

  public static final int FORMAT = 1;

  /// A path of 4 KiB and thousands of bad pages fit; a line that does not end would fill memory.
  private static final int MOST_LINE_BYTES = 1024 * 1024;

  private final String name;
  private final InputStream in;
  private final MessageDigest digest = Digest.newSha256();
  private final Set<String> packs = new HashSet<>();
  private ManifestLine.@Nullable Pack current;
  private ManifestLine.@Nullable Head head;
  private long lines;
  private long files;
  private long bytes;
  private boolean ended;

  /// @param name of the object, for errors
  /// @param stored its bytes
  public ManifestReader(String name, InputStream stored) throws IOException {
    this.name = name;
    this.in = new BufferedInputStream(new ZstdInputStream(stored), 256 * 1024);
  }

  /// @return empty after the last line, when all of it has proven to be as written
  /// @throws BadObjectException if it is not
  /// @throws UnknownFormatException if a newer program wrote it
  public Optional<ManifestLine> next() throws IOException {
    if (ended) {
      return Optional.empty();
    }
    byte[] text = line();
    ManifestLine line = parse(text);
    if (line instanceof ManifestLine.End end) {
      requireEnd(end);
      ended = true;
      return Optional.empty();
    }
    digest.update(text);
    check(line);
    lines++;
    return Optional.of(line);
  }

  private byte[] line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    try {
      for (int b = in.read(); ; b = in.read()) {
        if (b < 0) {
          throw bad("ends in the middle, after " + lines + " lines");
        }
        line.write(b);
        if (b == '\n') {
          return line.toByteArray();
        }
        if (line.size() > MOST_LINE_BYTES) {
          throw bad("line " + (lines + 1) + " does not end within " + MOST_LINE_BYTES + " bytes");
        }
      }
    } catch (BadObjectException e) {
      throw e;
    } catch (IOException e) {
      throw bad("cannot be decoded: " + e.getMessage());
    }
  }

  private ManifestLine parse(byte[] text) throws IOException {
    String line = new String(text, StandardCharsets.UTF_8);
    if (head == null) {
      requireKnownFormat(line);
    }
    try {
      ManifestLine parsed = Json.LINE.readValue(line, ManifestLine.class);
      if (parsed == null) {
        throw bad("line " + (lines + 1) + " is empty");
      }
      return parsed;
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      throw bad("line " + (lines + 1) + " cannot be read: " + e.getMessage());
    }
  }

  /// Before anything else of it is believed to be understood.
  private void requireKnownFormat(String line) throws IOException {
    int format;
    try {
      format = Json.LINE.readTree(line).path("format").asInt(0);
    } catch (JacksonException e) {
      throw bad("line 1 cannot be read: " + e.getMessage());
    }
    if (format > FORMAT) {
      throw new UnknownFormatException(
          name + " has format " + format + ", this program knows " + FORMAT);
    }
  }

  private void check(ManifestLine line) throws IOException {
    if (head == null && !(line instanceof ManifestLine.Head)) {
      throw bad("does not begin with its head");
    }
    switch (line) {
      case ManifestLine.Head first -> {
        if (head != null || first.format() != FORMAT) {
          throw bad("line " + (lines + 1) + " is no head of format " + FORMAT);
        }
        head = first;
      }
      case ManifestLine.Pack pack -> {
        if (pack.pack() == null
            || !pack.pack().name().matches("[0-9]{6,9}\\.tar\\.zst(\\.age)?")
            || pack.pack().indexAt() < 0
            || pack.pack().raw() < 0
            || !packs.add(pack.pack().name())) {
          throw bad("line " + (lines + 1) + " names an impossible pack");
        }
        current = pack;
      }
      case ManifestLine.Directory directory -> {
        requirePath(directory.path());
        requireMode(directory.mode());
      }
      case ManifestLine.File file -> checkFile(file);
      case ManifestLine.End _ -> {}
    }
  }

  private void checkFile(ManifestLine.File file) throws IOException {
    requirePath(file.path());
    requireMode(file.mode());
    files++;
    bytes += file.size();
    ManifestLine.Pack pack = current;
    boolean placed =
        pack != null
            && file.layers().size() == 1
            && file.base().pack().equals(pack.pack().name())
            && file.size() >= 0
            && file.base().at() >= 0
            && file.base().at() <= pack.pack().raw() - file.size();
    if (!placed) {
      throw bad("says of " + file.path() + " that it lies where it cannot");
    }
  }

  private void requirePath(String path) throws IOException {
    boolean good =
        path != null && !path.isEmpty() && path.indexOf('\0') < 0 && path.length() < 4096;
    if (good) {
      for (String each : path.split("/", -1)) {
        good &= !each.isEmpty() && !each.equals(".") && !each.equals("..");
      }
    }
    if (!good) {
      throw bad("has a path that leads out of the data directory: " + path);
    }
  }

  private void requireMode(String mode) throws IOException {
    if (mode == null || !mode.matches("0[0-7]{3}")) {
      throw bad("has the mode " + mode);
    }
  }

  private void requireEnd(ManifestLine.End end) throws IOException {
    Digest found = Digest.of(digest);
    if (end.lines() != lines
        || end.files() != files
        || end.bytes() != bytes
        || !found.equals(end.sha256())) {
      throw bad("is not as it was written: its last line speaks of another text");
    }
    if (!isAtEnd()) {
      throw bad("goes on behind its last line");
    }
  }

  /// What cannot be decoded is not the end either.
  private boolean isAtEnd() {
    try {
      return in.read() < 0;
    } catch (IOException e) {
      return false;
    }
  }

  private BadObjectException bad(String what) {
    return new BadObjectException(name, what);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
