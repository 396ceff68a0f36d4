package io.prova.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How a plain dump is compressed on its way to the disk. The other formats compress by themselves.
///
/// @param level as the method's own program takes it; 0 for its default
public record Compression(Method method, int level) {

  public enum Method {
    @JsonProperty("none")
    NONE(""),
    @JsonProperty("gzip")
    GZIP(".gz"),
    @JsonProperty("zstd")
    ZSTD(".zst");

    private final String suffix;

    Method(String suffix) {
      this.suffix = suffix;
    }

    /// What a compressed file's name ends with.
    public String suffix() {
      return suffix;
    }
  }

  public static final Compression NONE = new Compression(Method.NONE, 0);
}
