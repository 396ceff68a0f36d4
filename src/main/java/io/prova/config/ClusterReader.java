package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.backup.logical.LogicalOptions;
import io.prova.backup.physical.PhysicalOptions;
import io.prova.base.ByteCount;
import io.prova.base.Message;
import io.prova.catalog.PhysicalMethod;
import io.prova.config.ClusterSettings.Job;
import io.prova.drill.DrillOptions;
import io.prova.engine.seal.Recipient;
import io.prova.postgres.fingerprint.FingerprintBudget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the part of one cluster.
final class ClusterReader {

  static final ValueType<Duration> LIMIT =
      ValueType.duration(Duration.ofSeconds(1), Duration.ofDays(30));

  private static final Path DEFAULT_REPOSITORY = Path.of("/backupSQL");
  private static final Schedule DAILY = Schedule.parse("daily 02:00");
  private static final Schedule SUNDAYS = Schedule.parse("sunday 03:00");
  private static final Schedule MONTHLY = Schedule.parse("monthly 1 04:00");

  /// Enough for most; a backup must not hold its snapshot for a day to read one huge table.
  private static final FingerprintBudget BUDGET =
      new FingerprintBudget(
          Optional.of(ByteCount.parse("10 GB")), Optional.of(Duration.ofMinutes(30)));

  private static final ValueType<Path> REPOSITORY =
      ValueType.parsed(
          message("a path that begins with \"/\" and leads to a directory of its own"),
          ClusterReader::repository,
          Path::toString);

  private static final ValueType<Optional<Schedule>> SCHEDULE =
      ValueType.parsed(message("a schedule"), Schedule::parse, Schedule::toString)
          .or("never", "nunca");

  private enum Checkpoint {
    FAST,
    SPREAD
  }

  /// The limits are pg_basebackup's.
  private static final ValueType<Optional<ByteCount>> RATE =
      ValueType.size(ByteCount.parse("32 kB"), ByteCount.parse("1 GB")).or("unlimited");

  /// zstd's, as far as it needs no more memory than a frame.
  private static final ValueType<Integer> LEVEL = ValueType.number(1, 19);

  /// Somebody may have put the secret half there.
  private static final ValueType<Recipient> RECIPIENT = recipient();

  private static ValueType<Recipient> recipient() {
    Message expected = message("a public key of age, which begins with \"age1\"");
    return ValueType.parsed(expected, Recipient::parse, Recipient::toString).unseen(expected);
  }

  private static final ValueType<Optional<Path>> IDENTITY_FILE = ValueType.PATH.or("none");

  private static final ValueType<Optional<ByteCount>> LARGEST_TABLE =
      ValueType.size(new ByteCount(1), ByteCount.parse("1024 TB")).or("unlimited");
  private static final ValueType<Optional<Duration>> TIME = LIMIT.or("unlimited");

  private final Reading reading;
  private final Section cluster;

  /// @param cluster below `clusters`, or the whole file
  ClusterReader(Reading reading, Section cluster) {
    this.reading = reading;
    this.cluster = cluster;
  }

  /// @param only whether there is no other cluster, so that there is a default for its repository
  ClusterSettings read(String name, boolean only) {
    ConnectionReader connections = new ConnectionReader(reading, cluster);
    ConnectionSource connection = connections.connection();
    ConnectionSource adminConnection = connections.adminConnection(connection);
    Path repository =
        only
            ? cluster.value("repository", REPOSITORY, DEFAULT_REPOSITORY)
            : cluster.required("repository", REPOSITORY).orElse(DEFAULT_REPOSITORY);
    List<Path> clientTools = cluster.value("client_tools", ValueType.PATH.list(), List.of());
    Map<Job, Schedule> schedules = new EnumMap<>(Job.class);

    Section logical = cluster.section("logical");
    schedule(logical, DAILY).ifPresent(found -> schedules.put(Job.LOGICAL, found));
    LogicalOptions logicalOptions = LogicalReader.read(logical);
    Section physical = cluster.section("physical");
    schedule(physical, SUNDAYS).ifPresent(found -> schedules.put(Job.PHYSICAL, found));
    Section encryption = physical.section("encryption");
    PhysicalOptions physicalOptions = physical(physical, encryption);
    Optional<Path> identityFile =
        encryption.value("identity_file", IDENTITY_FILE, Optional.empty());
    Optional<FingerprintBudget> fingerprint = fingerprint();
    RetentionReader retention = new RetentionReader(cluster.section("retention"));
    Section drill = cluster.section("drill");
    schedule(drill, MONTHLY).ifPresent(found -> schedules.put(Job.DRILL, found));
    DrillOptions drillOptions = DrillReader.read(drill);
    if (repository.startsWith(drillOptions.directory())) {
      cluster.problem(
          "repository",
          message(
              "lies in the directory of drills, {0}, where things are removed",
              drillOptions.directory()));
    }
    return new ClusterSettings(
        name,
        connection,
        adminConnection,
        repository,
        clientTools,
        schedules,
        logicalOptions,
        physicalOptions,
        identityFile,
        fingerprint,
        retention.read(),
        drillOptions,
        ServiceReader.read(cluster));
  }

  private static Optional<Schedule> schedule(Section section, Schedule fallback) {
    return section.value("schedule", SCHEDULE, Optional.of(fallback));
  }

  private static PhysicalOptions physical(Section physical, Section encryption) {
    PhysicalOptions defaults = PhysicalOptions.DEFAULTS;
    Checkpoint checkpoint =
        physical.value(
            "checkpoint",
            ValueType.choice(Checkpoint.class),
            defaults.fastCheckpoint() ? Checkpoint.FAST : Checkpoint.SPREAD);
    PhysicalMethod method =
        physical.value("method", ValueType.choice(PhysicalMethod.class), defaults.method());
    List<Recipient> recipients =
        encryption.value("recipients", RECIPIENT.list(), defaults.recipients());
    if (!recipients.isEmpty()) {
      switch (method) {
        case LOCAL -> {}
        case AUTO -> method = PhysicalMethod.LOCAL; // nothing falls back to what is not encrypted
        case PG_BASEBACKUP -> {
          encryption.problem(
              "recipients",
              message("what pg_basebackup writes cannot be encrypted: `method` has to be another"));
          recipients = List.of();
        }
      }
    }
    return new PhysicalOptions(
        method,
        checkpoint == Checkpoint.FAST,
        physical.value("max_rate", RATE, defaults.maxRate()),
        physical.value("time_limit", LIMIT, defaults.timeLimit()),
        physical.value("compression_level", LEVEL, defaults.compressionLevel()),
        recipients);
  }

  private Optional<FingerprintBudget> fingerprint() {
    if (cluster.hasText("fingerprint")) {
      return cluster.value("fingerprint", ValueType.SWITCH, true)
          ? Optional.of(BUDGET)
          : Optional.empty();
    }
    Section fingerprint = cluster.section("fingerprint");
    boolean enabled = fingerprint.value("enabled", ValueType.SWITCH, true);
    FingerprintBudget budget =
        new FingerprintBudget(
            fingerprint.value("largest_table", LARGEST_TABLE, BUDGET.largestTable()),
            fingerprint.value("time", TIME, BUDGET.time()));
    return enabled ? Optional.of(budget) : Optional.empty();
  }

  private static Path repository(String text) {
    Path path = Path.of(text).normalize();
    if (!path.isAbsolute() || path.getNameCount() == 0) {
      throw new IllegalArgumentException(text);
    }
    return path;
  }
}
