package io.prova.alert;

import io.prova.base.Message;
import io.prova.base.Redactor;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/// The dead man's switch: a URL of a monitor elsewhere that is called after each success, so that
/// it rings when we are silent, for whatever reason. It is the one alert that does not share our
/// fate.
public final class Pings {

  private final Map<String, URI> urls;
  private final SSLContext tls;
  private final Redactor redactor;

  /// @param urls by job
  /// @param tls whom to trust
  public Pings(Map<String, URI> urls, SSLContext tls, Redactor redactor) {
    this.urls = Map.copyOf(urls);
    this.tls = tls;
    this.redactor = redactor;
  }

  /// Tells the monitor of `job` that it went well; does nothing for a job without a URL.
  ///
  /// @return why the monitor could not be told: the job is a success all the same
  public Optional<Message> success(String job) throws InterruptedException {
    return call(job, url -> url);
  }

  /// Tells the monitor at once, at the URL with `/fail` after its path (the convention of
  /// healthchecks.io), instead of leaving it to notice the silence.
  public Optional<Message> failure(String job) throws InterruptedException {
    return call(job, Pings::fail);
  }

  private Optional<Message> call(String job, UnaryOperator<URI> which) throws InterruptedException {
    URI url = urls.get(job);
    if (url == null) {
      return Optional.empty();
    }
    WebCall call = new WebCall(which.apply(url), tls, redactor);
    try {
      TimeLimit.run(WebCall.TOTAL_LIMIT, call::get);
      return Optional.empty();
    } catch (DeliveryFailed e) {
      return Optional.of(e.problem());
    }
  }

  private static URI fail(URI url) {
    String text = url.toString();
    int end = text.indexOf('?') < 0 ? text.length() : text.indexOf('?');
    String path = text.substring(0, end).replaceFirst("/$", "");
    return URI.create(path + "/fail" + text.substring(end));
  }
}
