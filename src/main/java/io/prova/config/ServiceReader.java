package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.postgres.ServiceChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the key `service`: how the cluster's server is stopped and started.
final class ServiceReader {

  private static final Message EXPECTED =
      message("\"auto\" or one of systemd, pg_ctl, pg_ctlcluster, or start and stop with a value");

  private static final ValueType<ServiceChoice> AUTO =
      ValueType.parsed(
          EXPECTED,
          text -> {
            if (!text.equals("auto")) {
              throw new IllegalArgumentException(text);
            }
            return new ServiceChoice.Auto();
          },
          auto -> "auto");

  private static final ValueType<String> UNIT =
      ValueType.text(
          message("a systemd unit such as \"postgresql@15-main\""),
          text -> text.matches("[A-Za-z0-9_][A-Za-z0-9:_.@\\\\-]*"));

  private static final ValueType<ServiceChoice.PgCtlCluster> CLUSTER =
      ValueType.parsed(
          message("a version and a name such as \"15 main\""),
          ServiceReader::pgCtlCluster,
          cluster -> cluster.version() + " " + cluster.name());

  private ServiceReader() {}

  static ServiceChoice read(Section cluster) {
    if (!cluster.hasKeys("service")) {
      return cluster.value("service", AUTO, new ServiceChoice.Auto());
    }
    Section service = cluster.section("service");
    Optional<Path> log = service.given("log", ValueType.PATH);
    List<ServiceChoice> ways = new ArrayList<>();
    service.given("systemd", UNIT).map(ServiceChoice.Systemd::new).ifPresent(ways::add);
    service.given("pg_ctlcluster", CLUSTER).ifPresent(ways::add);
    service
        .given("pg_ctl", ValueType.SWITCH)
        .filter(wanted -> wanted)
        .ifPresent(wanted -> ways.add(new ServiceChoice.PgCtl(log)));
    commands(service, log).ifPresent(ways::add);
    if (ways.size() != 1) {
      service.problem(message("expected exactly one way: {0}", EXPECTED));
      return new ServiceChoice.Auto();
    }
    if (log.isPresent() && isManagedElsewhere(ways.getFirst())) {
      service.problem(
          "log", message("only for pg_ctl and for start and stop; others keep their own log"));
    }
    return ways.getFirst();
  }

  private static boolean isManagedElsewhere(ServiceChoice choice) {
    return switch (choice) {
      case ServiceChoice.Auto _, ServiceChoice.Systemd _, ServiceChoice.PgCtlCluster _ -> true;
      case ServiceChoice.PgCtl _, ServiceChoice.Commands _ -> false;
    };
  }

  private static Optional<ServiceChoice> commands(Section service, Optional<Path> log) {
    if (!service.has("start") && !service.has("stop")) {
      return Optional.empty();
    }
    Optional<List<String>> start = service.required("start", Command.SHOWN);
    Optional<List<String>> stop = service.required("stop", Command.SHOWN);
    return Optional.of(
        new ServiceChoice.Commands(start.orElse(List.of()), stop.orElse(List.of()), log));
  }

  private static ServiceChoice.PgCtlCluster pgCtlCluster(String text) {
    String[] words = text.strip().split("\\s+", -1);
    if (words.length != 2
        || !words[0].matches("[0-9]+(\\.[0-9]+)?")
        || !words[1].matches("[A-Za-z0-9_][A-Za-z0-9_.-]*")) {
      throw new IllegalArgumentException(text);
    }
    return new ServiceChoice.PgCtlCluster(words[0], words[1]);
  }
}
