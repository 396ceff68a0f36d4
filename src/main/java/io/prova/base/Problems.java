package io.prova.base;

import static io.prova.base.Message.message;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/// What an exception says to a user: our own speak for themselves, Java's file system exceptions
/// have names that only programmers read.
public final class Problems {

  private Problems() {}

  public static Message of(Throwable e) {
    return switch (e) {
      case Spoken spoken -> spoken.problem();
      case NoSuchFileException file -> message("{0} does not exist", file.getFile());
      case AccessDeniedException file -> message("{0}: permission denied", file.getFile());
      case FileAlreadyExistsException file -> message("{0} exists already", file.getFile());
      case DirectoryNotEmptyException file -> message("{0} is not empty", file.getFile());
      case FileSystemException file when file.getReason() != null ->
          message("{0}: {1}", file.getFile(), file.getReason());
      default ->
          message("{0}", e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    };
  }
}
