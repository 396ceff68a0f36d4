package io.prova.catalog;

/// How a plain dump is compressed on its way to the disk. The other formats compress by themselves.
///
/// @param level as the method's own program takes it; 0 for its default
public record Compression(Method method, int level) {

  public enum Method {
    NONE(""),
    GZIP(".gz"),
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
