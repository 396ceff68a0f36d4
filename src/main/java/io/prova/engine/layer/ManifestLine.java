package io.prova.engine.layer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.prova.base.Digest;
import io.prova.engine.pack.Check;
import io.prova.engine.pack.StoredPack;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/// A line of a manifest. See docs/format.md.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ManifestLine.Head.class, name = "manifest"),
  @JsonSubTypes.Type(value = ManifestLine.Pack.class, name = "pack"),
  @JsonSubTypes.Type(value = ManifestLine.Directory.class, name = "directory"),
  @JsonSubTypes.Type(value = ManifestLine.File.class, name = "file"),
  @JsonSubTypes.Type(value = ManifestLine.End.class, name = "end")
})
public sealed interface ManifestLine {

  /// The first line.
  ///
  /// @param format of the manifest and of its packs
  /// @param repository the repository's id
  /// @param session the operation that wrote it: packs and manifest belong together
  record Head(int format, String repository, String session) implements ManifestLine {}

  /// A pack; the lines of the files whose base is in it follow.
  record Pack(StoredPack pack) implements ManifestLine {}

  /// @param path relative to the data directory, with `/`; a tablespace's files are below
  ///   `pg_tblspc/<oid>`
  /// @param mode in octal, such as `0700`
  record Directory(String path, String mode) implements ManifestLine {}

  /// @param check of all its bytes
  /// @param layers oldest first; the first is a base
  /// @param badPages block numbers, counted within this file, whose checksum was wrong on the
  ///   server
  record File(
      String path,
      long size,
      String mode,
      Instant mtime,
      Check check,
      List<Layer> layers,
      List<Integer> badPages)
      implements ManifestLine {

    public File {
      Objects.requireNonNull(check, "check");
      layers = List.copyOf(layers);
      badPages = badPages == null ? List.of() : List.copyOf(badPages);
    }

    public Layer base() {
      return layers.getFirst();
    }
  }

  /// The last line.
  ///
  /// @param lines how many are before it
  /// @param sha256 of all bytes before it
  record End(long lines, long files, long bytes, Digest sha256) implements ManifestLine {}
}
