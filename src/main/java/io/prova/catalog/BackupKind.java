package io.prova.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The two kinds of backup of the plan, and the directories that hold them.
public enum BackupKind {
  @JsonProperty("logical")
  LOGICAL("logicos"),
  @JsonProperty("physical")
  PHYSICAL("fisicos");

  private final String directory;

  BackupKind(String directory) {
    this.directory = directory;
  }

  /// The folder in the repository, named by the plan.
  public String directory() {
    return directory;
  }

  public BackupKind other() {
    return this == LOGICAL ? PHYSICAL : LOGICAL;
  }
}
