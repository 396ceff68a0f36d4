package io.prova.alert;

import io.prova.base.Digest;
import io.prova.base.Json;
import io.prova.base.Redactor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;

/// Posts JSON: `text` is what Slack, Mattermost and their like show, `prova` is for programs.
final class WebhookChannel implements Channel {

  private final WebCall call;
  private final String id;

  WebhookChannel(URI uri, SSLContext tls, Redactor redactor) {
    this.call = new WebCall(uri, tls, redactor);
    // Two hooks of one host differ in the secret part of their URL: a digest tells them apart.
    String digest = Digest.of(uri.toString().getBytes(StandardCharsets.UTF_8)).hex();
    this.id = "webhook:" + call.origin() + "#" + digest.substring(0, 8);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public void send(Announcement announcement, Instant now)
      throws DeliveryFailed, InterruptedException {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("text", escaped(announcement.subject() + "\n\n" + announcement.body()));
    message.put("prova", announcement);
    call.postJson(Json.LINE.writeValueAsString(message));
  }

  /// Slack takes `<!channel>` and the like for commands; this is how it wants text.
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
