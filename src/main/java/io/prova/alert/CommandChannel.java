package io.prova.alert;

import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.base.Message;
import io.prova.base.Redactor;
import io.prova.base.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/// Runs a program of the user's, without a shell: nothing in a message can become a command. It
/// gets the announcement as JSON on its standard input, and the most important fields as
/// `PROVA_ALERT_…` in an environment that holds nothing else of ours than `PATH` and `HOME`. Exit
/// code 0 means told.
final class CommandChannel implements Channel {

  /// Of its error output, for the message when it fails.
  private static final int KEPT_BYTES = 2000;

  /// After its end, for the rest of its error output, which a child of it may hold open.
  private static final Duration DRAIN = Duration.ofSeconds(1);

  private final List<String> command;
  private final Redactor redactor;

  CommandChannel(List<String> command, Redactor redactor) {
    this.command = List.copyOf(command);
    this.redactor = redactor;
  }

  /// The program's name; its arguments may hold a token.
  @Override
  public String id() {
    String digest = Digest.of(String.join("\0", command).getBytes(StandardCharsets.UTF_8)).hex();
    return "command:" + Path.of(command.getFirst()).getFileName() + "#" + digest.substring(0, 8);
  }

  @Override
  public void send(Announcement announcement, Instant now)
      throws DeliveryFailed, InterruptedException {
    Process process = start(announcement);
    AtomicReference<String> complaint = new AtomicReference<>("");
    try {
      Thread errors = Thread.ofVirtual().start(() -> complaint.set(readSome(process)));
      feed(process, Json.LINE.writeValueAsBytes(announcement));
      int code = process.waitFor();
      errors.join(DRAIN);
      if (code != 0) {
        throw new DeliveryFailed(
            Message.message(
                "{0} ended with exit code {1}: {2}",
                id(), code, Excerpt.of(complaint.get(), redactor)));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start(Announcement announcement) throws DeliveryFailed {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(List.of("PATH", "HOME"));
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("PROVA_ALERT_KIND", word(announcement.kind()));
    environment.put("PROVA_ALERT_KEY", Text.visible(announcement.key()));
    environment.put("PROVA_ALERT_CLUSTER", Text.visible(announcement.cluster()));
    environment.put("PROVA_ALERT_SEVERITY", word(announcement.severity()));
    environment.put("PROVA_ALERT_SUBJECT", Text.visible(announcement.subject()));
    environment.put("PROVA_ALERT_OCCURRED_AT", announcement.occurredAt().toString());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new DeliveryFailed(Message.message("{0} cannot be started", id()));
    }
  }

  /// As in the JSON.
  private static String word(Enum<?> value) {
    return Json.LINE.convertValue(value, String.class);
  }

  private static void feed(Process process, byte[] json) {
    try (OutputStream input = process.getOutputStream()) {
      input.write(json);
    } catch (IOException e) {
      // It need not read; whether it did its work is what its exit code says.
    }
  }

  private static String readSome(Process process) {
    try (InputStream errors = process.getErrorStream()) {
      byte[] some = errors.readNBytes(KEPT_BYTES);
      errors.transferTo(OutputStream.nullOutputStream());
      return new String(some, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
