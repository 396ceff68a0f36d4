package io.prova.postgres.fingerprint;

/// A fingerprint as it lies beside a backup.
///
/// @param format of the file, see docs/format.md
/// @param hash how rows are digested: PostgreSQL's `hashtextextended(ROW(columns by name)::text
///   COLLATE "C", 0)`, summed
public record StoredFingerprint(int format, String hash, Fingerprint fingerprint) {

  public static final String HASH = "sum of hashtextextended(row text, 0)";

  public static StoredFingerprint of(Fingerprint fingerprint) {
    return new StoredFingerprint(1, HASH, fingerprint);
  }
}
