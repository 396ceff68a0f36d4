package io.prova.app;

import static io.prova.base.Message.message;

import io.prova.alert.Alerts;
import io.prova.alert.DeliveryResult;
import io.prova.alert.Letterhead;
import io.prova.alert.Pings;
import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.base.Text;
import io.prova.config.ClusterSettings;
import io.prova.config.LoadedSettings;
import io.prova.config.Settings;
import io.prova.config.SettingsReader;
import io.prova.journal.Author;
import io.prova.journal.Journal;
import io.prova.postgres.connection.ConnectionResolver;
import java.io.IOException;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/// The one place where things are constructed and joined.
public final class Wiring {

  private final Surroundings surroundings;
  private final LoadedSettings loaded;
  private final Redactor redactor = new Redactor();

  private Wiring(Surroundings surroundings, LoadedSettings loaded) {
    this.surroundings = surroundings;
    this.loaded = loaded;
  }

  /// @param configFile what `--config` said
  public static Wiring load(Surroundings surroundings, Optional<Path> configFile) {
    SettingsReader reader =
        new SettingsReader(
            surroundings.variables(),
            surroundings.workingDirectory(),
            surroundings.user().home(),
            surroundings.user().isRoot());
    return new Wiring(surroundings, reader.load(configFile));
  }

  public Surroundings surroundings() {
    return surroundings;
  }

  public Settings settings() {
    return loaded.settings();
  }

  public LoadedSettings loaded() {
    return loaded;
  }

  public Redactor redactor() {
    return redactor;
  }

  public List<Cluster> clusters() {
    return settings().clusters().values().stream().map(this::cluster).toList();
  }

  private Cluster cluster(ClusterSettings settings) {
    ConnectionResolver resolver =
        new ConnectionResolver(
            surroundings.variables(), surroundings.user().home(), surroundings.user().name());
    return new Cluster(
        settings,
        resolver,
        redactor,
        surroundings.variables().getOrDefault("PATH", ""),
        surroundings.user());
  }

  /// The cluster called `name`, or the only one.
  public Cluster cluster(Optional<String> name) {
    List<String> names = List.copyOf(settings().clusters().keySet());
    if (name.isEmpty()) {
      if (names.size() == 1) {
        return clusters().getFirst();
      }
      throw new OperationFailed(
          Failure.USAGE,
          message("several clusters are configured: {0}", names),
          message("Say which one with --cluster."));
    }
    ClusterSettings found = settings().clusters().get(name.get());
    if (found == null) {
      Optional<String> meant = Text.nearest(name.get(), names);
      throw new OperationFailed(
          Failure.USAGE,
          message("no cluster \"{0}\" is configured", name.get()),
          meant.isPresent()
              ? message("Did you mean \"{0}\"?", meant.get())
              : message("Configured: {0}.", names));
    }
    return cluster(found);
  }

  public Operations operations(Cluster cluster) {
    return new Operations(this, cluster);
  }

  /// The journal of a cluster, in its repository; where that cannot be reached, beside the state,
  /// so that even then what was done is recorded.
  public Journal journal(Cluster cluster) throws IOException {
    Path directory;
    try {
      directory = cluster.repository().journalDirectory();
    } catch (OperationFailed | IOException e) {
      directory = settings().stateDirectory().resolve("journal").resolve(cluster.name());
      io.prova.storage.DurableFiles.createDirectories(directory);
    }
    return journalIn(directory);
  }

  Journal journalIn(Path directory) throws IOException {
    Author author = new Author(surroundings.user().name(), surroundings.host());
    return Journal.open(directory, author, surroundings.clock(), redactor);
  }

  /// @param results hears how each delivery went
  public Alerts alerts(Consumer<DeliveryResult> results) {
    Letterhead letterhead =
        new Letterhead(
            settings().alerts().language().orElse(surroundings.language()),
            settings().zone(),
            surroundings.host());
    return Alerts.open(
        settings().stateDirectory(), settings().alerts(), letterhead, tls(), redactor, results);
  }

  /// Alerts that belong to no operation; how each delivery went is journaled all the same.
  public Alerts journaledAlerts(Cluster cluster) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    return alerts(result -> {
      try {
        journal(cluster).append(Operation.entryOf(result, id, cluster));
      } catch (IOException | OperationFailed e) {
        // It stays visible in `prova status`; the journal has an alert of its own.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  /// Whether anything waits to be sent; asked at the end of every command, so it must be cheap.
  boolean hasAlertsToDeliver() {
    Path directory = settings().stateDirectory().resolve("alerts");
    try (var files = java.nio.file.Files.newDirectoryStream(directory, "*.json")) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      return false; // no directory, no alerts
    }
  }

  public Pings pings() {
    return new Pings(settings().alerts().ping(), tls(), redactor);
  }

  private static SSLContext tls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }
}
