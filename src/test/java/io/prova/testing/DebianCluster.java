package io.prova.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prova.postgres.OsUser;
import io.prova.storage.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A cluster as Debian makes it: data below /var/lib/postgresql, configuration below
/// /etc/postgresql, stopped and started by pg_ctlcluster, peer authentication on its socket. Has a
/// name that no other cluster has, and is dropped on close, whatever is left of it.
public final class DebianCluster implements AutoCloseable {

  private final String version;
  private final String name;
  private final int port;
  private final Path outside;

  private DebianCluster(String version, String name, int port) {
    this.version = version;
    this.name = name;
    this.port = port;
    this.outside = Path.of("/srv/prova-test-" + name);
  }

  /// Skips the test where such a cluster cannot be made.
  public static DebianCluster create() throws Exception {
    assumeTrue(OsUser.current().isRoot(), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/pg_createcluster")), "needs Debian's tools");
    assumeTrue(
        !Files.isDirectory(Path.of("/run/systemd/system")), "is for machines without systemd");
    String version = PgCluster.installedBin().getParent().getFileName().toString();
    String name = "prova" + ProcessHandle.current().pid() + "n" + System.nanoTime() % 100_000;
    DebianCluster cluster = new DebianCluster(version, name, PgCluster.freePort());
    try {
      cluster.fill();
    } catch (Exception | AssertionError e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private void fill() throws Exception {
    // Its own directory is root's, like a mount point: only the tablespace below is the server's.
    root(
        """
        pg_createcluster $VERSION $NAME -p $PORT -- --data-checksums --encoding=UTF8 --locale=C.UTF-8 >/dev/null
        echo "maintenance_work_mem = 77MB" >> /etc/postgresql/$VERSION/$NAME/postgresql.conf
        echo "# a line of our own" >> /etc/postgresql/$VERSION/$NAME/pg_hba.conf
        echo "work_mem = '9MB'" > /etc/postgresql/$VERSION/$NAME/conf.d/own.conf
        chown postgres:postgres /etc/postgresql/$VERSION/$NAME/conf.d/own.conf
        chmod 640 /etc/postgresql/$VERSION/$NAME/conf.d/own.conf
        install -d -m 755 $OUTSIDE
        install -d -m 700 -o postgres -g postgres $OUTSIDE/space
        pg_ctlcluster $VERSION $NAME start
        """);
    psql(
        "postgres",
        """
        CREATE ROLE clerk LOGIN PASSWORD 'segredo' CONNECTION LIMIT 9;
        CREATE ROLE auditor NOLOGIN;
        GRANT auditor TO clerk;
        ALTER ROLE clerk SET work_mem = '8MB';
        CREATE TABLESPACE outside OWNER clerk LOCATION '%s/space';
        ALTER TABLESPACE outside SET (random_page_cost = 2);
        CREATE DATABASE shop OWNER clerk;
        ALTER DATABASE shop SET search_path = public, pg_temp;
        """
            .formatted(outside));
    psql(
        "shop",
        """
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
        INSERT INTO orders (what) SELECT 'ordem ' || i FROM generate_series(1, 5000) i;
        CREATE TABLE archive TABLESPACE outside AS SELECT * FROM orders WHERE id % 2 = 0;
        ALTER TABLE archive OWNER TO clerk;
        CREATE SEQUENCE steps START 5;
        SELECT nextval('steps');
        """);
  }

  public int port() {
    return port;
  }

  public String name() {
    return name;
  }

  public String version() {
    return version;
  }

  public Path dataDirectory() {
    return Path.of("/var/lib/postgresql", version, name);
  }

  public Path configDirectory() {
    return Path.of("/etc/postgresql", version, name);
  }

  public Path tablespace() {
    return outside.resolve("space");
  }

  /// A script of root's, with the cluster's places in its variables.
  public String root(String script) throws IOException, InterruptedException {
    return new Shell()
        .set("VERSION", version)
        .set("NAME", name)
        .set("PORT", Integer.toString(port))
        .set("OUTSIDE", outside.toString())
        .run(script);
  }

  public String psql(String database, String sql) throws IOException, InterruptedException {
    return new Shell()
        .set("SQL", sql)
        .run(
            "cd / && runuser -u postgres -- psql -X -q -t -A -v ON_ERROR_STOP=1 -p %d -d %s <<< \"$SQL\""
                .formatted(port, database));
  }

  /// The databases with their properties, and the roles and tablespaces, as PostgreSQL dumps them.
  public String dump() throws IOException, InterruptedException {
    return new Shell()
        .run(
            """
            cd /
            as="runuser -u postgres --"
            { $as pg_dumpall -p %1$d --globals-only; $as pg_dump -p %1$d --create shop; $as pg_dump -p %1$d postgres; } | grep -v '^.\\(un\\)\\?restrict '
            """
                .formatted(port));
  }

  /// Every file of the configuration with its kind, mode, owner, group and content.
  public String configuration() throws IOException, InterruptedException {
    return root(
        """
        cd /etc/postgresql/$VERSION/$NAME
        find . -printf '%p %y %m %u %g\\n' | sort
        find . -type f | sort | xargs sha256sum
        """);
  }

  /// What in data directory and tablespace does not belong to the server's user alone.
  public String wrongOwners() throws IOException, InterruptedException {
    return root(
        """
        for place in /var/lib/postgresql/$VERSION/$NAME $OUTSIDE/space; do
          find $place '(' ! -user postgres -o ! -type l -perm /077 ')' -printf '%p %m %u\\n'
        done
        """);
  }

  /// `online` or `down`, as pg_lsclusters says; empty where Debian knows no such cluster.
  public String status() throws IOException, InterruptedException {
    return root("pg_lsclusters -h | awk -v v=$VERSION -v n=$NAME '$1 == v && $2 == n { print $4 }'")
        .strip();
  }

  /// As after the death of the disk: no process, no data, no configuration, no tablespace.
  public void destroy() throws IOException, InterruptedException {
    root(
        """
        pg_ctlcluster $VERSION $NAME stop -m immediate
        rm -rf /var/lib/postgresql/$VERSION/$NAME /etc/postgresql/$VERSION/$NAME $OUTSIDE/space
        """);
  }

  @Override
  public void close() throws IOException {
    try {
      root(
          """
          data=/var/lib/postgresql/$VERSION/$NAME
          pg_dropcluster --stop $VERSION $NAME 2>/dev/null || {
            if [ -f $data/postmaster.pid ]; then kill -QUIT "$(head -1 $data/postmaster.pid)" || true; sleep 1; fi
          }
          rm -rf $data $data.* /etc/postgresql/$VERSION/$NAME /var/log/postgresql/postgresql-$VERSION-$NAME.log*
          """);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      DurableFiles.deleteTree(outside);
    }
  }
}
