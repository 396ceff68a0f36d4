package io.prova.restore;

import static io.prova.base.Message.message;

import io.prova.base.Message;

/// What to do about the errors that loading a dump is known for.
final class LoadTrouble {

  private LoadTrouble() {}

  static Message hint(String complaint) {
    if (complaint.contains("role \"") && complaint.contains("does not exist")) {
      return message("A role is missing on this server; the backup's globals.sql creates it.");
    }
    if (complaint.contains("extension")
        && (complaint.contains("is not available") || complaint.contains("could not open"))) {
      return message(
          "An extension's files are missing on this server; install its package, for example postgresql-contrib.");
    }
    if (complaint.contains("permission denied")
        || complaint.contains("must be superuser")
        || complaint.contains("must be owner")) {
      return message("Restoring needs a superuser: set `admin_connection` in prova.yaml.");
    }
    if (complaint.contains("invalid locale") || complaint.contains("locale name")) {
      return message(
          "The database's locale is missing on this machine; install it (Debian: dpkg-reconfigure locales) and restart the server.");
    }
    if (complaint.contains("No space left") || complaint.contains("could not extend file")) {
      return message("The server's disk is full.");
    }
    if (complaint.contains("tablespace") && complaint.contains("does not exist")) {
      return message(
          "A tablespace is missing on this server; the backup's globals.sql shows how it was created.");
    }
    return message(
        "What was loaded so far was dropped again; nothing that existed before has changed.");
  }
}
