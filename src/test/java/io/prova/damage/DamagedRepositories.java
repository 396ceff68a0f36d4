package io.prova.damage;

import io.prova.catalog.DirectoryTree;
import io.prova.postgres.connection.PgSession;
import io.prova.storage.DurableFiles;
import io.prova.testing.PgCluster;
import io.prova.testing.ProvaCli;
import io.prova.testing.ProvaCli.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A small cluster with two databases and a tablespace, and undamaged repositories of it, one for
/// each way of storing a backup. [#open] gives a copy to damage.
final class DamagedRepositories implements AutoCloseable {

  /// How the backup that is damaged is stored.
  enum Stored {
    PLAIN("logical: {format: plain}", "--logical"),
    ZSTD("logical: {format: plain, compression: zstd}", "--logical"),
    GZIP("logical: {format: plain, compression: gzip}", "--logical"),
    CUSTOM("logical: {format: custom}", "--logical"),
    DIRECTORY("logical: {format: directory, jobs: 2}", "--logical"),
    PHYSICAL("physical: {method: pg_basebackup}", "--physical");

    final String configuration;
    final String option;

    Stored(String configuration, String option) {
      this.configuration = configuration;
      this.option = option;
    }

    boolean isPhysical() {
      return this == PHYSICAL;
    }

    /// Whether its undamaged backup has passed a drill; the others are verified.
    boolean isProven() {
      return this == PLAIN || this == PHYSICAL;
    }

    String parent() {
      return isPhysical() ? "fisicos" : "logicos";
    }
  }

  final PgCluster cluster;
  final ProvaCli cli;
  private final Path tablespace;
  private final List<String> configuration;
  private final Map<Stored, Path> pristine = new EnumMap<>(Stored.class);

  DamagedRepositories(String... clusterSettings) throws IOException, InterruptedException {
    cluster =
        PgCluster.start(
            PgCluster.installedBin(),
            List.of("--wal-segsize=1", "--data-checksums"),
            clusterSettings);
    tablespace = cluster.directory("ts");
    cluster.sql(
        "postgres",
        "CREATE ROLE clerk LOGIN PASSWORD 'x'",
        "CREATE DATABASE shop",
        "CREATE DATABASE staff",
        "CREATE TABLESPACE outside LOCATION '" + tablespace + "'");
    cluster.sql(
        "shop",
        "CREATE TABLE customers (id serial PRIMARY KEY, name text)",
        "INSERT INTO customers (name) SELECT 'customer ' || i FROM generate_series(1, 500) i",
        "CREATE TABLE orders (id int, what text) TABLESPACE outside",
        "INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 1000) i",
        "ALTER TABLE orders OWNER TO clerk",
        "CREATE INDEX ON orders (id)",
        "CREATE VIEW big_orders AS SELECT * FROM orders WHERE id > 900");
    cluster.sql("staff", "CREATE TABLE people AS SELECT i AS id FROM generate_series(1, 50) i");
    cli = ProvaCli.forCluster(cluster);
    configuration = List.copyOf(Files.readAllLines(cli.config()));
  }

  private void configure(Stored stored) throws IOException {
    List<String> lines = new ArrayList<>(configuration);
    lines.add(stored.configuration);
    cli.configure(lines);
  }

  /// One or two backups of it, of which the newer one is going to be damaged.
  private Path pristine(Stored stored) throws IOException, InterruptedException {
    Path kept = pristine.get(stored);
    if (kept == null) {
      DurableFiles.deleteTree(cli.repository());
      try (ProvaCli fresh = ProvaCli.forCluster(cluster)) {
        copy(fresh.repository(), cli.repository());
      }
      cli.must("backup", stored.option, "--quiet");
      if (stored == Stored.PLAIN) {
        cli.must("backup", stored.option, "--quiet");
      }
      if (stored.isProven()) {
        cli.must("drill", newest(cli.repository(), stored).getFileName().toString());
      }
      kept = cli.root().resolve("pristine-" + stored);
      Files.move(cli.repository(), kept);
      pristine.put(stored, kept);
    }
    return kept;
  }

  /// A copy of the repository, whose newest backup is going to be damaged.
  DamagedBackup open(Stored stored) throws IOException, InterruptedException {
    configure(stored);
    Path kept = pristine(stored);
    DurableFiles.deleteTree(cli.repository());
    DurableFiles.deleteTree(cli.state());
    copy(kept, cli.repository());
    return new DamagedBackup(cli.repository(), newest(cli.repository(), stored));
  }

  DamagedBackup older(DamagedBackup newest) throws IOException {
    return new DamagedBackup(cli.repository(), children(newest.directory().getParent()).getFirst());
  }

  private static Path newest(Path repository, Stored stored) throws IOException {
    return children(repository.resolve(stored.parent())).getLast();
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      // The second backup of a minute is called -2, after the first.
      return children.sorted().toList();
    }
  }

  /// Backups are many files that nobody changes in place, so links to them do; the rest is small.
  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    DurableFiles.createDirectory(to);
    DirectoryTree.walk(
        from,
        entry -> {
          Path copy = to.resolve(entry.path());
          boolean ofBackup =
              entry.path().startsWith("logicos/") || entry.path().startsWith("fisicos/");
          switch (entry.type()) {
            case DIRECTORY -> DurableFiles.createDirectory(copy);
            case FILE -> {
              if (ofBackup) {
                Files.createLink(copy, from.resolve(entry.path()));
              } else {
                Files.copy(from.resolve(entry.path()), copy);
              }
            }
            case LINK ->
                Files.createSymbolicLink(copy, Files.readSymbolicLink(from.resolve(entry.path())));
            case OTHER -> throw new IOException("unexpected: " + entry);
          }
        });
  }

  /// Where a table's rows lie in the backup, relative to its directory.
  String heapFile(String table) {
    try (PgSession session = cluster.session("shop")) {
      String path =
          session.one("SELECT pg_relation_filepath(?::regclass)", row -> row.getString(1), table);
      return path.startsWith("pg_tblspc/")
          ? "tablespaces/" + path.substring("pg_tblspc/".length())
          : "data/" + path;
    }
  }

  private Path restored() {
    return cli.root().resolve("restored");
  }

  /// `prova restore` of the backup to a place of its own.
  Answer restore(Stored stored, String label) throws IOException {
    return stored.isPhysical()
        ? cli.run(
            "restore",
            label,
            "--to",
            restored().toString(),
            "--tablespace-mapping",
            tablespace + "=" + cli.root().resolve("restored-ts"))
        : cli.run("restore", label, "--database", "shop", "--into", "shop_restored");
  }

  /// What is at the places that restores write to: databases, roles and directories.
  String target() throws IOException {
    try (PgSession session = cluster.session("postgres");
        Stream<Path> scratch = Files.list(cli.scratch())) {
      return session.query("SELECT datname FROM pg_database ORDER BY 1", row -> row.getString(1))
          + " "
          + session.query("SELECT rolname FROM pg_roles ORDER BY 1", row -> row.getString(1))
          + " "
          + Files.exists(restored())
          + " "
          + Files.exists(cli.root().resolve("restored-ts"))
          + " "
          + scratch.toList();
    }
  }

  @Override
  public void close() throws IOException {
    cli.close();
    cluster.close();
  }
}
