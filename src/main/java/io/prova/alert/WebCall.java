package io.prova.alert;

import io.prova.base.Message;
import io.prova.base.Redactor;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One HTTP request to a URL of the user's configuration.
///
/// The URL itself is a secret (whoever knows it can post), so all that is ever shown of it is
/// scheme, host and port. It must be HTTPS unless it names this machine. Redirects are not followed
/// and no proxy is used. Addresses that serve cloud credentials to whoever asks are refused
/// whatever name leads there; other private addresses are allowed, because the user's own chat
/// server may well be one and nobody but the user writes this URL. A name that changes its address
/// after the check gains nothing: without the certificate of that name no request is sent.
final class WebCall {

  static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  static final Duration TOTAL_LIMIT = Duration.ofSeconds(15);

  /// Enough of an answer to say what the server did not like, well below 64 KiB.
  private static final int LONGEST_ANSWER = 2048;

  /// Shorter parts of a path are words, not secrets.
  private static final int SHORTEST_SECRET = 6;

  private static final Pattern PLAIN_HTTP_HOST =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\]");

  /// Outside the link-local ranges: fd00:ec2::254 and 100.100.100.200.
  private static final Set<String> METADATA =
      Set.of("fd000ec2000000000000000000000254", "646464c8");

  private final URI uri;
  private final SSLContext tls;
  private final Redactor redactor;

  WebCall(URI uri, SSLContext tls, Redactor redactor) {
    this.uri = uri;
    this.tls = tls;
    this.redactor = redactor;
  }

  /// What may be shown of the URL.
  String origin() {
    return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
  }

  void get() throws DeliveryFailed, InterruptedException {
    call(request().GET());
  }

  void postJson(String json) throws DeliveryFailed, InterruptedException {
    BodyPublisher body = HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8);
    call(request().header("Content-Type", "application/json; charset=utf-8").POST(body));
  }

  private HttpRequest.Builder request() throws DeliveryFailed {
    checkTarget();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(origin() + uri.getRawPath() + query))
            .timeout(TOTAL_LIMIT)
            .header("User-Agent", "prova");
    if (uri.getUserInfo() != null) {
      byte[] login = uri.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
    }
    return request;
  }

  private void checkTarget() throws DeliveryFailed {
    if (uri.getHost() == null) {
      throw new DeliveryFailed(Message.message("the URL has no valid host"));
    }
    boolean here = PLAIN_HTTP_HOST.matcher(uri.getHost()).matches();
    if (!"https".equals(uri.getScheme()) && !("http".equals(uri.getScheme()) && here)) {
      throw new DeliveryFailed(
          Message.message("{0}: only https is called, or http on this machine", origin()));
    }
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(uri.getHost());
    } catch (UnknownHostException e) {
      throw new DeliveryFailed(Message.message("{0}: the host's name is not known", origin()));
    }
    for (InetAddress address : addresses) {
      if (isNeverCalled(address)) {
        throw new DeliveryFailed(
            Message.message(
                "{0} leads to {1}, an address that is never called",
                origin(), address.getHostAddress()));
      }
    }
  }

  /// Link-local addresses, among them 169.254.169.254 where clouds hand out credentials, and the
  /// other places where they do; also when they are dressed up as IPv6.
  static boolean isNeverCalled(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address.isLinkLocalAddress() || METADATA.contains(HexFormat.of().formatHex(bytes))) {
      return true;
    }
    int inner = bytes.length == 4 ? -1 : ipv4Within(bytes);
    try {
      return inner >= 0
          && isNeverCalled(InetAddress.getByAddress(Arrays.copyOfRange(bytes, inner, inner + 4)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  /// Where an IPv6 address holds an IPv4 address that a gateway would call; -1 if nowhere.
  private static int ipv4Within(byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    if (hex.startsWith("2002")) {
      return 2; // 6to4
    }
    boolean nat64 = hex.startsWith("0064ff9b" + "0".repeat(16));
    boolean compatible = hex.startsWith("0".repeat(24));
    return nat64 || compatible ? 12 : -1;
  }

  private void call(HttpRequest.Builder request) throws DeliveryFailed, InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .sslContext(tls)
            .build()) {
      HttpResponse<InputStream> response =
          client.send(request.build(), BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        int status = response.statusCode();
        if (status / 100 == 3) {
          throw new DeliveryFailed(
              Message.message("{0} answered {1}: redirects are not followed", origin(), status));
        }
        if (status / 100 != 2) {
          throw new DeliveryFailed(
              Message.message("{0} answered {1}: {2}", origin(), status, excerpt(response, body)));
        }
      }
    } catch (HttpTimeoutException e) {
      throw new DeliveryFailed(Message.message("{0} does not answer in time", origin()));
    } catch (SSLException e) {
      throw new DeliveryFailed(
          Message.message("{0}: no trusted connection: {1}", origin(), hidden(e.toString())));
    } catch (ConnectException e) {
      throw new DeliveryFailed(Message.message("{0} refuses the connection", origin()));
    } catch (IOException e) {
      throw new DeliveryFailed(
          Message.message("{0}: the call failed: {1}", origin(), hidden(e.toString())));
    }
  }

  private String excerpt(HttpResponse<InputStream> response, InputStream body) throws IOException {
    boolean page =
        response
            .headers()
            .firstValue("Content-Type")
            .filter(type -> type.contains("html"))
            .isPresent();
    return page
        ? "(HTML)"
        : hidden(new String(body.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8));
  }

  /// `text` from outside, without what it may repeat of the URL.
  private String hidden(String text) {
    String hidden = text;
    List<String> secrets =
        Stream.of(
                Stream.of(uri.toString(), uri.getRawUserInfo(), uri.getUserInfo()),
                Stream.of(uri.getRawPath(), uri.getPath(), uri.getRawQuery(), uri.getQuery()),
                words(uri.getRawPath()),
                words(uri.getPath()),
                words(uri.getRawQuery()),
                words(uri.getQuery()),
                words(uri.getUserInfo()))
            .flatMap(each -> each)
            .filter(each -> each != null && each.length() >= SHORTEST_SECRET)
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    for (String secret : secrets) {
      hidden = hidden.replace(secret, "***");
    }
    return Excerpt.of(hidden, redactor);
  }

  private static Stream<String> words(@Nullable String text) {
    return text == null ? Stream.empty() : Stream.of(text.split("[/=&:]"));
  }
}
