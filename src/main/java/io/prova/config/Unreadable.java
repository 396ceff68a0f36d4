package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/// Why a file cannot be read, in our words.
final class Unreadable {

  private Unreadable() {}

  static Message reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> message("it does not exist");
      case AccessDeniedException _ -> message("permission denied");
      default -> message("{0}", e.getMessage());
    };
  }
}
