package io.prova.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How far a backup has been proven, in rising order.
public enum ProofLevel {
  /// Every byte was written and synced, every program involved succeeded.
  @JsonProperty("stored")
  STORED,
  /// Every byte was read back and is as written.
  @JsonProperty("verified")
  VERIFIED,
  /// PostgreSQL recovered from it and came up; its data was not (or could not be) compared.
  @JsonProperty("started")
  STARTED,
  /// Its data equals what it was at backup time.
  @JsonProperty("proven")
  PROVEN
}
