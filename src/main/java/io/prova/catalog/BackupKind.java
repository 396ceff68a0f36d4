package io.prova.catalog;

import static io.prova.base.Message.message;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.prova.base.Message;

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

  public Message word() {
    return switch (this) {
      case LOGICAL -> message("logical");
      case PHYSICAL -> message("physical");
    };
  }

  public BackupKind other() {
    return this == LOGICAL ? PHYSICAL : LOGICAL;
  }
}
