package io.prova.app;

import static io.prova.base.Message.message;

import io.prova.base.Failure;
import io.prova.base.OperationFailed;
import io.prova.base.Redactor;
import io.prova.catalog.BackupKeys;
import io.prova.catalog.Repository;
import io.prova.config.ClusterSettings;
import io.prova.postgres.ClientTools;
import io.prova.postgres.OsUser;
import io.prova.postgres.connection.ConnectionResolver;
import io.prova.postgres.connection.ConnectionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// One configured cluster, ready to be worked on. What may fail (a secret file, the repository) is
/// looked at when it is asked for, so that a command fails only for what it needs.
public final class Cluster {

  private final ClusterSettings settings;
  private final ConnectionResolver resolver;
  private final Redactor redactor;
  private final String path;
  private final OsUser user;

  Cluster(
      ClusterSettings settings,
      ConnectionResolver resolver,
      Redactor redactor,
      String path,
      OsUser user) {
    this.settings = settings;
    this.resolver = resolver;
    this.redactor = redactor;
    this.path = path;
    this.user = user;
  }

  public String name() {
    return settings.name();
  }

  public ClusterSettings settings() {
    return settings;
  }

  /// For backups and checks.
  public ConnectionSettings connection() {
    return resolve(settings.connection());
  }

  /// For restores.
  public ConnectionSettings adminConnection() {
    return resolve(settings.adminConnection());
  }

  private ConnectionSettings resolve(io.prova.config.ConnectionSource source) {
    ConnectionSettings resolved = resolver.resolve(source.given(), source.origin());
    resolved.password().ifPresent(redactor::learn);
    // A role that has no database of its own name connects to the one that every cluster has.
    boolean databaseGiven = resolved.origins().containsKey("dbname");
    return databaseGiven ? resolved : resolved.withDatabase("postgres");
  }

  public Repository repository() throws IOException {
    return Repository.open(settings.repository());
  }

  public ClientTools tools() throws IOException {
    return ClientTools.on(settings.clientTools(), path, redactor);
  }

  /// Who runs scratch servers: somebody who owns nothing else. PostgreSQL refuses root.
  public OsUser scratchUser() throws IOException {
    if (!user.isRoot()) {
      return user;
    }
    Optional<String> configured = settings.drill().osUser();
    if (configured.isPresent()) {
      return OsUser.find(configured.get())
          .orElseThrow(() ->
              new OperationFailed(
                  Failure.TOOLS,
                  message("there is no operating-system user {0}", configured.get()),
                  message("Create it, or correct `drill.os_user` in prova.yaml.")));
    }
    for (String name : new String[] {"prova-drill", "nobody"}) {
      Optional<OsUser> found = OsUser.find(name);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new OperationFailed(
        Failure.TOOLS,
        message("there is no unprivileged user to run a server"),
        message("Name one as `drill.os_user` in prova.yaml; PostgreSQL refuses root."));
  }

  /// What opens encrypted backups, where this host has it.
  public BackupKeys keys() {
    return new BackupKeys(settings.identityFile());
  }

  /// Where scratch servers may be put.
  public Path scratchDirectory() {
    return settings.drill().directory();
  }
}
