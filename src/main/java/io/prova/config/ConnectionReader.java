package io.prova.config;

import static io.prova.base.Message.message;

import io.prova.base.Message;
import io.prova.base.Secret;
import io.prova.postgres.connection.ConnectionString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Reads the keys `connection` and `admin_connection`: a connection string of libpq, or its
/// keywords one by one.
final class ConnectionReader {

  private static final String PASSWORD = "password";
  private static final String PASSWORD_FILE = "password_file";
  private static final Set<String> PLACE = Set.of("host", "hostaddr", "port", "service");
  private static final Set<String> PROOF = Set.of(PASSWORD, PASSWORD_FILE, "passfile");

  /// The rest of such a password would be taken for a host or a database.
  private static final Pattern URI_WITH_LATE_AT = Pattern.compile("^postgres(ql)?://[^/?]*[/?].*@");

  private static final Message PORT_EXPECTED =
      message("a port from 1 to 65535, or one for each host with commas between");
  private static final Message HOST_EXPECTED =
      message("a host, an address or the directory of a socket");

  /// A password with a `/` that is not escaped ends where a connection URI has its port.
  private static final ValueType<String> PORTS =
      ValueType.text(PORT_EXPECTED, ConnectionReader::arePorts).unseen(PORT_EXPECTED);

  private static final ValueType<String> HOSTS =
      ValueType.text(HOST_EXPECTED, text -> text.matches("[^\\s@]+") && !text.contains("://"))
          .unseen(HOST_EXPECTED);

  private final Reading reading;
  private final Section cluster;

  ConnectionReader(Reading reading, Section cluster) {
    this.reading = reading;
    this.cluster = cluster;
  }

  ConnectionSource connection() {
    return source("connection", "(libpq)", new ConnectionSource(Map.of(), EffectiveValue.DEFAULT));
  }

  /// What it leaves out is taken from `connection`, so that naming another user is enough; but
  /// never a password of somebody else, nor a part of another place.
  ConnectionSource adminConnection(ConnectionSource connection) {
    ConnectionSource admin = source("admin_connection", "(connection)", connection);
    Map<String, String> own = admin.given();
    if (own.keySet().stream().anyMatch(PLACE::contains)) {
      return admin;
    }
    boolean ownLogin = own.containsKey("user") || own.keySet().stream().anyMatch(PROOF::contains);
    Map<String, String> whole = new LinkedHashMap<>(own);
    connection
        .given()
        .forEach((keyword, value) -> {
          if (!own.containsKey(keyword) && !(ownLogin && PROOF.contains(keyword))) {
            whole.put(keyword, value);
            reading.value(
                cluster.path("admin_connection." + keyword),
                keyword.equals(PASSWORD) ? EffectiveValue.HIDDEN : value,
                connection.origin());
          }
        });
    return new ConnectionSource(Map.copyOf(whole), admin.origin());
  }

  private ConnectionSource source(String key, String fallbackShown, ConnectionSource fallback) {
    Optional<Node> node = cluster.node(key);
    if (node.isEmpty()) {
      reading.value(cluster.path(key), fallbackShown, EffectiveValue.DEFAULT);
      return fallback;
    }
    Section section =
        node.get() instanceof ScalarNode scalar && !Found.isNothing(scalar)
            ? cluster.section(key, keywords(key, scalar))
            : cluster.section(key);
    return new ConnectionSource(keywords(section), cluster.origin(key));
  }

  /// The string's keywords as if each had been written under a key of its own.
  private Node keywords(String key, ScalarNode string) {
    List<NodeTuple> tuples = new ArrayList<>();
    if (URI_WITH_LATE_AT.matcher(string.getValue()).find()) {
      cluster.problem(
          key,
          message(
              "a connection URI writes \"/\" in a password as %2F, \"?\" as %3F, \"@\" as %40"));
      return mapping(tuples, string);
    }
    try {
      ConnectionString.parse(string.getValue())
          .forEach((keyword, value) -> {
            if (knownKeywords().contains(keyword)) {
              tuples.add(new NodeTuple(text(keyword, string), text(value, string)));
            } else {
              reportUnknown(key, keyword);
            }
          });
    } catch (IllegalArgumentException e) {
      cluster.problem(key, message("not a connection string: {0}", e.getMessage()));
    }
    return mapping(tuples, string);
  }

  private static Node mapping(List<NodeTuple> tuples, Node at) {
    return new MappingNode(
        Tag.MAP, true, tuples, FlowStyle.BLOCK, at.getStartMark(), at.getEndMark());
  }

  private static ScalarNode text(String value, Node at) {
    return new ScalarNode(
        Tag.STR, true, value, ScalarStyle.DOUBLE_QUOTED, at.getStartMark(), at.getEndMark());
  }

  private static List<String> knownKeywords() {
    List<String> known = new ArrayList<>(ConnectionString.keywords());
    known.add(PASSWORD_FILE);
    return known;
  }

  /// What stands where a keyword should be may be a piece of a password, so it is not shown.
  private void reportUnknown(String key, String keyword) {
    cluster.problem(
        key,
        Found.nearest(keyword, knownKeywords())
            .map(meant ->
                message("unknown keyword in the connection string; did you mean \"{0}\"?", meant))
            .orElse(message("unknown keyword in the connection string")));
  }

  private Map<String, String> keywords(Section section) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String keyword : knownKeywords()) {
      value(section, keyword).ifPresent(value -> given.put(keyword, value));
    }
    if (given.containsKey(PASSWORD) && given.containsKey(PASSWORD_FILE)) {
      section.problem(
          PASSWORD_FILE, message("there is a password already; one of the two must go"));
    }
    return Map.copyOf(given);
  }

  private Optional<String> value(Section section, String keyword) {
    return switch (keyword) {
      case PASSWORD -> section.secret(keyword).map(Secret::reveal);
      case PASSWORD_FILE -> {
        Optional<Path> file = section.given(keyword, ValueType.PATH);
        file.ifPresent(reading::secretFile);
        yield file.map(Path::toString);
      }
      case "port" -> section.given(keyword, PORTS);
      case "host", "hostaddr" -> section.given(keyword, HOSTS);
      default -> section.given(keyword, ValueType.TEXT);
    };
  }

  /// In a list, an empty one stands for the usual port.
  private static boolean arePorts(String text) {
    return Stream.of(text.split(",", -1))
        .allMatch(port -> (port.isEmpty() && text.contains(",")) || isPort(port));
  }

  private static boolean isPort(String text) {
    return text.matches("[0-9]{1,5}")
        && Integer.parseInt(text) >= 1
        && Integer.parseInt(text) <= 65535;
  }
}
